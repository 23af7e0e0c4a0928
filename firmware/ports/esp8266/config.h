/* SPDX-License-Identifier: MIT
 * config.h: what the builds for boards with an ESP8266 choose; the options are explained in core/config.h. A board's
 * row in meson.build adds its name.
 */
#ifndef ADDER_ESP8266_CONFIG_H
#define ADDER_ESP8266_CONFIG_H

#define ADDER_BOARD_ID   "esp8266"
#define ADDER_JUMP_WORDS 6 /* vectors.S */
#define ADDER_WORD_FIELDS 1
#define ADDER_RTC_MEMORY 1
#define ADDER_PWM_10     1
#define ADDER_ADC_UV     1000000

#define ADDER_HOT      __attribute__((section(".iram.text")))
#define ADDER_HOT_DATA __attribute__((section(".data.hot")))

#endif
