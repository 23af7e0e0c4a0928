/* SPDX-License-Identifier: MIT
 * start.c: vector table, reset, faults. A fault prints what is known on the prompt's UART and resets the chip.
 */
#include "nrf51.h"
#include "microbit.h"

extern uint32_t _data_load, _data_start, _data_end, _bss_start, _bss_end, _stack_top[], _stack_bottom[];

static void hard_fault_entry(void);

typedef void (*vector_t)(void);
extern const vector_t vector_table[16 + IRQ_COUNT];
const vector_t vector_table[16 + IRQ_COUNT] __attribute__((section(".vectors"), used)) = {
    (vector_t)_stack_top, reset_handler,
    [2 ... 15 + IRQ_COUNT] = hard_fault_entry, /* unexpected interrupts too: their number is in the report */
    [16 + ID_RADIO] = radio_handler,
    [16 + ID_UART0] = uart0_handler,
    [16 + ID_GPIOTE] = gpiote_handler,
    [16 + ID_TIMER0] = timer0_handler,
    [16 + ID_TIMER1] = timer1_handler,
    [16 + ID_TIMER2] = timer2_handler,
};

void reset_handler(void)
{
    const uint32_t *from = &_data_load;
    for (uint32_t *to = &_data_start; to < &_data_end;)
        *to++ = *from++;
    for (uint32_t *to = &_bss_start; to < &_bss_end;)
        *to++ = 0;
    main();
    hal_reset();
}

/* ---- faults ---- */

/* The stack may be the reason for the fault: the report begins at its top again. */
__attribute__((naked)) static void hard_fault_entry(void)
{
    __asm volatile("mrs r0, msp\n"
                   "ldr r1, =_stack_top\n"
                   "mov sp, r1\n"
                   "sub sp, #32\n" /* the frame may lie there */
                   "ldr r1, =fault_report\n"
                   "bx r1\n"
                   ".ltorg\n");
}

static void put_hex(const char *name, uint32_t value)
{
    char text[9];
    for (unsigned i = 0; i < 8; i++)
        text[i] = "0123456789abcdef"[value >> (28 - 4 * i) & 15];
    text[8] = 0;
    console_panic(name);
    console_panic(text);
}

_Noreturn void fault_report(const uint32_t *frame);
_Noreturn __attribute__((used)) void fault_report(const uint32_t *frame)
{
    static const char names[8][6] = {" r0=", " r1=", " r2=", " r3=", " r12=", " lr=", " pc=", " psr="};
    put_hex("\r\nfault: exception ", SCB_ICSR & 0x1ff);
    put_hex(" sp=", (uint32_t)frame);
    if (frame >= _stack_bottom && frame + 8 <= _stack_top) {
        for (unsigned i = 0; i < 8; i++)
            put_hex(names[i], frame[i]);
    } else {
        console_panic(" stack overflow");
    }
    console_panic("\r\n");
    hal_reset();
}
