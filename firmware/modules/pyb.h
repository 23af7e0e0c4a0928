/* SPDX-License-Identifier: MIT
 * pyb.h: what the files of the module pyb share.
 */
#ifndef ADDER_PYB_H
#define ADDER_PYB_H

#include "machine.h"
#include "ports/device.h"

extern const type_t type_LED, type_Switch, type_ADCAll, type_DAC, type_pyb_Timer, type_Servo, type_Accel,
    type_ExtInt;

void pyb_timer_deinit(void);

#endif
