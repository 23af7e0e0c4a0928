/* SPDX-License-Identifier: MIT
 * rtc.h: the RTC's counter and memory, for machine.c and the life of a calendar through deep sleep.
 */
#ifndef ADDER_ESP8266_RTC_H
#define ADDER_ESP8266_RTC_H

#include <stdint.h>

void rtc_init(void);
void rtc_save(void);             /* before deep sleep */
uint32_t rtc_ticks(uint64_t us); /* of the RTC's counter */

#endif
