/* SPDX-License-Identifier: MIT
 * machine.c: the module machine: clocks, reset, sleep, memory, pulses; and the table with the classes of its other files.
 */
#include "machine.h"
#include "port.h"
#include "ports/device.h"
#include "ports/fsys.h"

/* ---- reset and sleep ---- */

val_t machine_reset(void)
{
    fsys_sync();
    hal_stdout_flush();
    hal_reset();
}

static val_t machine_soft_reset(void) { raise_new(&type_SystemExit, 0, NULL); }

static val_t machine_reset_cause(void) { return V_INT(hal_reset_cause()); }

val_t machine_bootloader(unsigned n, const val_t *args)
{
    fsys_sync();
    hal_bootloader();
}

val_t machine_unique_id(void)
{
    uint8_t id[16];
    unsigned len = hal_unique_id(id);
    return bytes_new(id, len);
}

val_t machine_freq(unsigned n, const val_t *args)
{
    if (n) {
        intptr_t hz = int_arg(args[0]);
        if (hz <= 0 || hal_set_freq((uint32_t)hz) < 0)
            raise_value("the clock cannot be set to this");
        return V_NONE;
    }
    uint32_t hz[4];
    unsigned count = hal_freq(hz);
    val_t all[4];
    for (unsigned i = 0; i < count; i++)
        all[i] = int_from(hz[i]);
    return count == 1 ? all[0] : tuple_new(count, all);
}

static val_t machine_idle(void)
{
    hal_idle();
    vm_poll();
    return V_NONE;
}

val_t machine_lightsleep(unsigned n, const val_t *args)
{
    intptr_t ms = n ? int_arg(args[0]) : 0;
    if (ms < 0)
        raise_value("negative time");
    hal_sleep((uint32_t)ms);
    vm_poll();
    return V_NONE;
}

val_t machine_deepsleep(unsigned n, const val_t *args)
{
    intptr_t ms = n ? int_arg(args[0]) : 0;
    if (ms < 0)
        raise_value("negative time");
    fsys_sync();
    hal_stdout_flush();
    hal_deepsleep((uint32_t)ms);
}

val_t machine_disable_irq(void) { return int_from(hal_irq_disable()); }

val_t machine_enable_irq(unsigned n, const val_t *args)
{
    hal_irq_restore(n ? (uint32_t)int_arg(args[0]) : 0);
    return V_NONE;
}

/* ---- pulses ---- */

static val_t machine_time_pulse_us(unsigned n, const val_t *args)
{
    unsigned pin = (unsigned)pin_arg(args[0])->number;
    bool level = op_is_true(args[1]);
    uint32_t timeout = n > 2 ? (uint32_t)int_arg(args[2]) : 1000000, start = hal_ticks_us();
    while (hal_pin_read(pin) != level)
        if (hal_ticks_us() - start >= timeout)
            return V_INT(-2);
    start = hal_ticks_us();
    while (hal_pin_read(pin) == level)
        if (hal_ticks_us() - start >= timeout)
            return V_INT(-1);
    return V_INT(hal_ticks_us() - start);
}

static val_t machine_bitstream(unsigned n, const val_t *args)
{
    size_t count;
    const val_t *v;
    uint32_t timing[4];
    buffer_t buf;
    const pin_t *pin = pin_arg(args[0]);
    if (int_arg(args[1]) != 0)
        raise_value("encoding must be 0");
    if (!seq_items(args[2], &count, &v) || count != 4)
        raise_value("timing must be a tuple of 4");
    for (unsigned i = 0; i < 4; i++)
        timing[i] = (uint32_t)int_arg(v[i]);
    op_buffer(args[3], &buf, false);
    hal_bitstream((unsigned)pin->number, timing, buf.data, buf.size);
    return V_NONE;
}

/* ---- mem8, mem16, mem32 ---- */

typedef struct mem {
    const type_t *type;
    uintptr_t size; /* bytes */
} mem_t;

static val_t mem_index(val_t self, val_t key, val_t value)
{
    uintptr_t size = ((const mem_t *)obj_of(self))->size, address = uint32_arg(key);
    if (value == V_NOTIMPLEMENTED)
        raise_type("memory cannot be deleted");
    if (address % size)
        raise_format(&type_ValueError, "address %x is not aligned to %d bytes", (unsigned)address, (int)size);
    volatile void *p = (volatile void *)address;
    if (value == V_UNDEF)
        return int_from_u(size == 1   ? *(volatile uint8_t *)p
                          : size == 2 ? *(volatile uint16_t *)p
                                      : *(volatile uint32_t *)p);
    uint32_t bits = uint32_arg(value);
    if (size == 1)
        *(volatile uint8_t *)p = (uint8_t)bits;
    else if (size == 2)
        *(volatile uint16_t *)p = (uint16_t)bits;
    else
        *(volatile uint32_t *)p = bits;
    return V_NONE;
}

static const type_t type_mem = {TYPE_HEAD, .name = Q(mem), .index = mem_index};
static const mem_t mem8 = {&type_mem, 1}, mem16 = {&type_mem, 2}, mem32 = {&type_mem, 4};

/* ---- life ---- */

void device_modules_deinit(void)
{
    timer_deinit();
    pin_deinit();
    pwm_deinit();
    uart_deinit();
    board_deinit();
}

static const dict_entry_t machine_table[] = {
    FUNC_0(reset, machine_reset),
    FUNC_0(soft_reset, machine_soft_reset),
    FUNC_0(reset_cause, machine_reset_cause),
    FUNC_V(bootloader, machine_bootloader, 0, 1),
    FUNC_0(unique_id, machine_unique_id),
    FUNC_V(freq, machine_freq, 0, 4),
    FUNC_0(idle, machine_idle),
    FUNC_V(lightsleep, machine_lightsleep, 0, 1),
    FUNC_V(sleep, machine_lightsleep, 0, 1),
    FUNC_V(deepsleep, machine_deepsleep, 0, 1),
    FUNC_0(disable_irq, machine_disable_irq),
    FUNC_V(enable_irq, machine_enable_irq, 0, 1),
    FUNC_V(time_pulse_us, machine_time_pulse_us, 2, 3),
    FUNC_V(bitstream, machine_bitstream, 4, 4),
    {VQ(mem8), V_OBJ(&mem8)},
    {VQ(mem16), V_OBJ(&mem16)},
    {VQ(mem32), V_OBJ(&mem32)},
    {VQ(Pin), V_OBJ(&type_Pin)},
    {VQ(Signal), V_OBJ(&type_Signal)},
    {VQ(ADC), V_OBJ(&type_ADC)},
    {VQ(PWM), V_OBJ(&type_PWM)},
    {VQ(I2C), V_OBJ(&type_I2C)},
    {VQ(SoftI2C), V_OBJ(&type_SoftI2C)},
    {VQ(SPI), V_OBJ(&type_SPI)},
    {VQ(SoftSPI), V_OBJ(&type_SoftSPI)},
    {VQ(UART), V_OBJ(&type_UART)},
    {VQ(Timer), V_OBJ(&type_Timer)},
    {VQ(RTC), V_OBJ(&type_RTC)},
    {VQ(WDT), V_OBJ(&type_WDT)},
    {VQ(PWRON_RESET), V_INT(HAL_PWRON_RESET)},
    {VQ(HARD_RESET), V_INT(HAL_HARD_RESET)},
    {VQ(WDT_RESET), V_INT(HAL_WDT_RESET)},
    {VQ(DEEPSLEEP_RESET), V_INT(HAL_DEEPSLEEP_RESET)},
    {VQ(SOFT_RESET), V_INT(HAL_SOFT_RESET)},
};
MODULE(machine, machine_table);
