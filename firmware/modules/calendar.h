/* SPDX-License-Identifier: MIT
 * calendar.h: dates and seconds since 1970, for the modules time and machine.
 */
#ifndef ADDER_CALENDAR_H
#define ADDER_CALENDAR_H

#include "ports/hal.h"

int64_t calendar_seconds(const hal_datetime_t *t); /* fields out of range carry over */
void calendar_date(int64_t seconds, hal_datetime_t *t); /* weekday too */
unsigned calendar_yearday(const hal_datetime_t *t); /* 1 to 366 */

#endif
