// SPDX-License-Identifier: MIT
// The table that phy_get_romfuncs gives: the PHY's functions by rising address, with three empty places. libphy puts
// functions of its own in some of them.
    .section .data.phy_functions, "aw"
    .align 4
    .global phy_functions
phy_functions:
    .word rom_abs_temp, rom_chip_v5_disable_cca, rom_chip_v5_enable_cca, rom_chip_v5_sense_backoff, rom_dc_iq_est, 0
    .word rom_en_pwdet, rom_get_bb_atten, rom_get_corr_power, rom_get_fm_sar_dout, rom_get_noisefloor
    .word rom_get_power_db, rom_iq_est_disable, rom_iq_est_enable, rom_linear_to_db, rom_set_txclk_en
    .word rom_set_rxclk_en, rom_mhz2ieee, rom_rxiq_get_mis, rom_sar_init, rom_set_ana_inf_tx_scale
    .word rom_set_loopback_gain, rom_set_noise_floor, 0, 0, rom_start_noisefloor, rom_start_tx_tone, rom_stop_tx_tone
    .word rom_txtone_linear_pwr, rom_tx_mac_disable, rom_tx_mac_enable, rom_ana_inf_gating_en, rom_set_channel_freq
    .word rom_chip_50_set_channel, rom_chip_v5_rx_init, rom_chip_v5_tx_init, rom_i2c_readReg, rom_i2c_readReg_Mask
    .word rom_i2c_writeReg, rom_i2c_writeReg_Mask, rom_pbus_debugmode, rom_pbus_enter_debugmode
    .word rom_pbus_exit_debugmode, rom_pbus_force_test, rom_pbus_rd, rom_pbus_set_rxgain, rom_pbus_set_txgain
    .word rom_pbus_workmode, rom_pbus_xpd_rx_off, rom_pbus_xpd_rx_on, rom_pbus_xpd_tx_off, rom_pbus_xpd_tx_on
    .word rom_pbus_xpd_tx_on__low_gain, rom_phy_reset_req, rom_restart_cal, rom_rfpll_reset, rom_write_rfpll_sdm
    .word rom_rfpll_set_freq, rom_cal_tos_v50, rom_pbus_dco___SA2, rom_rfcal_pwrctrl, rom_rfcal_rxiq
    .word rom_rfcal_rxiq_set_reg, rom_rfcal_txcap, rom_rfcal_txiq, rom_rfcal_txiq_cover, rom_rfcal_txiq_set_reg
    .word rom_rxiq_cover_mg_mp, rom_set_txbb_atten, rom_set_txiq_cal
