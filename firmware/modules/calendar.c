/* SPDX-License-Identifier: MIT
 * calendar.c: the Gregorian calendar, counted in days from 1 March of a year 0, so that the leap day is the last of its year.
 */
#include "calendar.h"

enum { DAYS_400 = 146097, DAYS_TO_1970 = 719468 };

static int64_t floor_div(int64_t a, int64_t b) { return a / b - (a % b < 0); }

static int64_t days_of(int64_t year, int64_t month, int64_t day)
{
    year += floor_div(month - 1, 12);
    month = month - 1 - floor_div(month - 1, 12) * 12; /* 0 to 11 */
    int64_t from_march = (month + 10) % 12;
    year -= from_march >= 10;
    return year * 365 + floor_div(year, 4) - floor_div(year, 100) + floor_div(year, 400) +
           (153 * from_march + 2) / 5 + day - 1 - DAYS_TO_1970;
}

int64_t calendar_seconds(const hal_datetime_t *t)
{
    return days_of(t->year, t->month, t->day) * 86400 + t->hour * 3600 + t->minute * 60 + t->second;
}

void calendar_date(int64_t seconds, hal_datetime_t *t)
{
    int64_t days = floor_div(seconds, 86400), rest = seconds - days * 86400;
    t->hour = (uint8_t)(rest / 3600);
    t->minute = (uint8_t)(rest / 60 % 60);
    t->second = (uint8_t)(rest % 60);
    t->us = 0;
    t->weekday = (uint8_t)(((days + 3) % 7 + 7) % 7); /* 1970 began on a Thursday */
    days += DAYS_TO_1970;
    int64_t era = floor_div(days, DAYS_400);
    int64_t in_era = days - era * DAYS_400;
    int64_t year = (in_era - in_era / 1460 + in_era / 36524 - in_era / 146096) / 365;
    int64_t in_year = in_era - (365 * year + year / 4 - year / 100);
    int64_t from_march = (5 * in_year + 2) / 153;
    t->day = (uint8_t)(in_year - (153 * from_march + 2) / 5 + 1);
    t->month = (uint8_t)(from_march < 10 ? from_march + 3 : from_march - 9);
    t->year = (uint16_t)(year + era * 400 + (t->month <= 2));
}

unsigned calendar_yearday(const hal_datetime_t *t)
{
    return (unsigned)(days_of(t->year, t->month, t->day) - days_of(t->year, 1, 1) + 1);
}
