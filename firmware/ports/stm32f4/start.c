/* SPDX-License-Identifier: MIT
 * start.c: vector table, reset, faults. A fault prints what is known on the prompt's UART and resets the chip.
 */
#include "stm32f4.h"

extern uint32_t _data_load, _data_start, _data_end, _bss_start, _bss_end, _stack_top;

static void hard_fault_entry(void);

/* Unexpected interrupts end here too: the number of the exception is in the report. */
#define FAULT hard_fault_entry

typedef void (*vector_t)(void);
extern const vector_t vector_table[16 + IRQ_COUNT];
const vector_t vector_table[16 + IRQ_COUNT] __attribute__((section(".vectors"), used)) = {
    (vector_t)&_stack_top, reset_handler,
    [2 ... 15 + IRQ_COUNT] = FAULT,
    [15] = systick_handler,
    [16 + IRQ_RTC_WKUP] = rtc_wakeup_handler,
    [16 + IRQ_EXTI0] = exti0_handler,
    [16 + IRQ_EXTI0 + 1] = exti1_handler,
    [16 + IRQ_EXTI0 + 2] = exti2_handler,
    [16 + IRQ_EXTI0 + 3] = exti3_handler,
    [16 + IRQ_EXTI0 + 4] = exti4_handler,
    [16 + IRQ_EXTI9_5] = exti9_5_handler,
    [16 + IRQ_EXTI15_10] = exti15_10_handler,
    [16 + IRQ_TIM1_BRK_TIM9] = tim1_brk_tim9_handler,
    [16 + IRQ_TIM1_UP_TIM10] = tim1_up_tim10_handler,
    [16 + IRQ_TIM1_TRG_TIM11] = tim1_trg_tim11_handler,
    [16 + IRQ_TIM2] = tim2_handler,
    [16 + IRQ_TIM3] = tim3_handler,
    [16 + IRQ_TIM4] = tim4_handler,
    [16 + IRQ_TIM5] = tim5_handler,
    [16 + IRQ_TIM6_DAC] = tim6_handler,
    [16 + IRQ_TIM7] = tim7_handler,
    [16 + IRQ_TIM8_BRK_TIM12] = tim8_brk_tim12_handler,
    [16 + IRQ_TIM8_UP_TIM13] = tim8_up_tim13_handler,
    [16 + IRQ_TIM8_TRG_TIM14] = tim8_trg_tim14_handler,
    [16 + IRQ_USART1] = usart1_handler,
    [16 + IRQ_USART2] = usart2_handler,
    [16 + IRQ_USART3] = usart3_handler,
    [16 + IRQ_UART4] = uart4_handler,
    [16 + IRQ_UART5] = uart5_handler,
    [16 + IRQ_USART6] = usart6_handler,
};

void reset_handler(void)
{
    CPACR |= 0xf << 20; /* FPU: coprocessors 10 and 11 */
    __asm volatile("dsb\n isb" ::: "memory");
    SCB->vtor = 0x08000000; /* the boot loader may have left its own */
    const uint32_t *from = &_data_load;
    for (uint32_t *to = &_data_start; to < &_data_end;)
        *to++ = *from++;
    for (uint32_t *to = &_bss_start; to < &_bss_end;)
        *to++ = 0;
    main();
    hal_reset();
}

/* ---- faults ---- */

static uint32_t emergency_stack[96] __attribute__((used, aligned(8)));

/* The stack may be the reason for the fault, so the report runs on one of its own. */
__attribute__((naked)) static void hard_fault_entry(void)
{
    __asm volatile("mrs r0, msp\n"
                   "mov r1, lr\n"
                   "ldr r2, =emergency_stack + 384\n"
                   "mov sp, r2\n"
                   "b fault_report\n");
}

static char *put_hex(char *p, const char *name, uint32_t value)
{
    while (*name)
        *p++ = *name++;
    for (int shift = 28; shift >= 0; shift -= 4)
        *p++ = "0123456789abcdef"[value >> shift & 15];
    *p = 0;
    return p;
}

_Noreturn void fault_report(const uint32_t *frame, uint32_t exc_return);
_Noreturn __attribute__((used)) void fault_report(const uint32_t *frame, uint32_t exc_return)
{
    static const char *const names[8] = {" r0=", " r1=", " r2=", " r3=", " r12=", " lr=", " pc=", " psr="};
    char line[24];
    console_panic("\r\nfault: exception ");
    put_hex(line, "", SCB->icsr & 0x1ff);
    console_panic(line + 5);
    put_hex(line, " cfsr=", SCB->cfsr);
    console_panic(line);
    put_hex(line, " hfsr=", SCB->hfsr);
    console_panic(line);
    put_hex(line, " addr=", SCB->bfar);
    console_panic(line);
    put_hex(line, " exc=", exc_return);
    console_panic(line);
    put_hex(line, "\r\n sp=", (uint32_t)frame);
    console_panic(line);
    uint32_t at = (uint32_t)frame;
    if (at >= 0x20000000 && at <= 0x20020000 - 32) {
        for (unsigned i = 0; i < 8; i++) {
            put_hex(line, names[i], frame[i]);
            console_panic(line);
        }
    } else {
        console_panic(" stack overflow");
    }
    console_panic("\r\n");
    hal_reset();
}
