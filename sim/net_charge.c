// SPDX-License-Identifier: GPL-2.0-or-later
// The charge of nets that nobody drives: small currents move it. See pin_leak in net.h.
//
// Between two changes the voltage runs on a straight line, or on an exponential one where something
// conducts, and is computed from where it began; an event tells it each 3 mV, about a step of a
// 10-bit converter. A net without capacitance, or without currents, has no events. Not modelled:
// that closed links share the charge of nets that float together.
#include "machine.h"
#include <math.h>

#define STEP_MV    3.0 // from one event to the next
#define SETTLED_MV 1.0 // so near to its end an exponential stays
#define BELOW_MV   -300.0 // the protection diodes of inputs hold it there
#define ABOVE_MV   (NET_VDD_MV + 300.0)

// What flows: a current, and what conducts.
typedef struct {
    double amps; // into the net at 0 mV
    double siemens;
} leaks_t;

static leaks_t leaks_of(const net_t *net)
{
    leaks_t l = {0};
    for (guint i = 0; i < net->pins->len; i++) {
        const pin_t *pin = net->pins->pdata[i];
        l.amps += pin->leak.amps + pin->leak.siemens * pin->leak.mv / 1000;
        l.siemens += pin->leak.siemens;
    }
    return l;
}

static bool floats(const net_t *net) { return net->farads > 0 && net->strength == DRIVE_NONE; }

// The charge up to now, under the currents as they have been since it was last looked at.
static void advance(net_t *net)
{
    uint64_t now = machine_now_ps(net->m);
    double seconds = (double)(now - net->charged_ps) / PS_PER_S;
    leaks_t l = leaks_of(net);
    net->charged_ps = now;
    if (l.siemens > 0) {
        double end = l.amps / l.siemens * 1000;
        net->charge_mv = end + (net->charge_mv - end) * exp(-seconds * l.siemens / net->farads);
    } else {
        net->charge_mv += seconds * l.amps / net->farads * 1000;
    }
    net->charge_mv = CLAMP(net->charge_mv, BELOW_MV, ABOVE_MV);
}

// Seconds until the voltage has moved by a step; INFINITY when it stays.
static double seconds_to_step(const net_t *net, const leaks_t *l)
{
    double flow = l->amps - l->siemens * net->charge_mv / 1000;
    if (flow == 0 || (flow < 0 ? net->charge_mv <= BELOW_MV : net->charge_mv >= ABOVE_MV))
        return INFINITY;
    if (l->siemens <= 0)
        return STEP_MV / 1000 * net->farads / fabs(flow);
    double way = fabs(flow) / l->siemens * 1000;
    if (way <= SETTLED_MV)
        return INFINITY;
    return net->farads / l->siemens * log(way / (way - MIN(STEP_MV, way / 2)));
}

static void plan(net_t *net)
{
    leaks_t l = leaks_of(net);
    double seconds = floats(net) ? seconds_to_step(net, &l) : INFINITY;
    if (seconds < 1)
        machine_at(net->m, &net->moves, net->charged_ps + 1 + (uint64_t)(seconds * PS_PER_S));
    else if (isfinite(seconds)) // hardly any current: it need not be exact
        machine_at(net->m, &net->moves, net->charged_ps + PS_PER_S);
    else
        machine_cancel(net->m, &net->moves);
}

static void move(net_t *net)
{
    if (!floats(net))
        return;
    advance(net);
    net_float_to(net, (int32_t)lround(net->charge_mv));
}

static void moves(void *ctx, uint64_t now_ps)
{
    move(ctx);
    plan(ctx);
}

void net_charge_init(net_t *net) { event_init(&net->moves, "net charge", moves, net); }

void net_charge_begin(net_t *net)
{
    if (net->farads <= 0)
        return;
    net->charge_mv = net->mv;
    net->charged_ps = machine_now_ps(net->m);
    plan(net);
}

void pin_leak(pin_t *pin, leak_t leak)
{
    const leak_t *old = &pin->leak;
    if (old->amps == leak.amps && old->siemens == leak.siemens && old->mv == leak.mv)
        return;
    move(pin->net);
    pin->leak = leak;
    if (pin->net->farads > 0)
        plan(pin->net);
}
