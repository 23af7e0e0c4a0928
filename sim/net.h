// SPDX-License-Identifier: GPL-2.0-or-later
// Nets: the wires of a board. Everything outside the chip meets at nets.
//
// A pin belongs to a part and is always on exactly one net (an unconnected pin has a net of its
// own). Each pin drives its net with a strength and a voltage; the strongest wins:
//   strong over source over pull over nothing.
// Opposed strong drivers are contention: the level is the mean of their voltages, reported once.
// A net has a voltage in millivolts (an ADC reads it) and a logic level with hysteresis (high
// above 0.7 VDD, low below 0.3 VDD; between them the level stays what it was). A net that nobody
// drives keeps its voltage, as the capacitance of a wire does; where a part gave that a size, small
// currents move it (pin_leak).
//
// Two-terminal parts that conduct (a resistor, the halves of a potentiometer, a closed switch)
// are links between two nets: net.c solves the small network behind them, so that dividers,
// pull-ups and keypads come out right. A LED asks pin_ohms() what stands behind a net to know its
// current.
#pragma once
#include "event.h"
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <glib.h>

#define NET_VDD_MV 3300
#define NET_STRONG_OHMS 20.0   // output stage of a pin, for the current through a LED
#define NET_SOURCE_OHMS 100.0  // output of a sensor
#define NET_PULL_OHMS   40000.0 // pull-up inside a chip (STM32F405 data sheet: 30 to 50 k)
#define NET_SHORT_OHMS  0.1    // a closed switch

struct machine;
typedef struct part part_t;
typedef struct net net_t;
typedef struct pin pin_t;
typedef struct pad pad_t;
typedef struct pin_link pin_link_t;

typedef enum {
    DRIVE_NONE,   // input, high impedance
    DRIVE_PULL,   // a resistor of kilohms to a rail
    DRIVE_SOURCE, // an analog source (sensor output, potentiometer)
    DRIVE_STRONG, // a push-pull or open-drain stage that is on, or a supply rail
} drive_t;

// Called after the voltage, level or strength of the pin's net changed, whoever drove it.
typedef void (*pin_fn_t)(void *ctx, pin_t *pin);

// A current that is too small to matter unless the net floats: of a photodiode, of an input that
// samples.
typedef struct {
    double amps;    // into the net
    double siemens; // conducts ...
    double mv;      // ... to this voltage
} leak_t;

struct pin {
    char *name; // owned; unique within its part: "SDA", "PA13", "X19"
    part_t *part;
    int index; // in its part, in the order in which pins were added
    net_t *net;
    drive_t drive; // saved
    int32_t mv;    // saved: meaningful unless DRIVE_NONE
    pin_fn_t changed; // may be NULL
    void *ctx;
    bool edges; // needs real edges (an edge interrupt, a capture): transfers are then drawn
    pin_link_t *links; // conducting parts at this pin
    leak_t leak;       // saved
    // Transfers (xfer.h): what sits on this pin, and its call on each change of level.
    struct uart_rx *uart_rx;
    struct i2c_target *i2c_target; // on a target's SDA pin
    struct spi_target *spi_target; // on a target's SCK pin
    pin_fn_t edge;
    void *edge_ctx;
};

// A change of level, in the order of time for each net. Edges of a byte that a hardware controller
// moved are told when the byte is complete: `ps` is then before the machine's time.
typedef void (*net_fn_t)(void *ctx, net_t *net, bool level, uint64_t ps);

struct net {
    char *name; // owned: the name of its most telling pin: "pyboard:X1"
    uint32_t id; // in order of creation, stable for the same board and diagram
    GPtrArray *pins;   // of pin_t *, not owned
    GArray *watchers;  // of {net_fn_t, ctx}; made at first use
    struct machine *m;
    int32_t mv;        // saved: now
    bool level;        // saved: now
    bool contention;   // saved: now
    bool reported;     // contention already reported
    drive_t strength;  // of the strongest driver now; through a link: DRIVE_PULL
    double ohms;       // of what drives it now, INFINITY when nothing does
    unsigned links;    // ends of links on this net
    uint32_t mark;     // internal: visited by the solver
    event_t contend;   // internal: contention that lasts is reported
    double farads;     // 0: nothing moves its charge
    double charge_mv;  // saved: while it floats: its voltage at `charged_ps`
    uint64_t charged_ps; // saved
    event_t moves;     // internal: the charge moves
};

// Drives `pin`. No call-backs when neither voltage, level nor strength of the net changes.
void pin_drive(pin_t *pin, drive_t drive, int32_t mv);
static inline void pin_set(pin_t *pin, bool level)
{
    pin_drive(pin, DRIVE_STRONG, level ? NET_VDD_MV : 0);
}
static inline void pin_release(pin_t *pin) { pin_drive(pin, DRIVE_NONE, 0); }
static inline bool pin_level(const pin_t *pin) { return pin->net->level; }
static inline int32_t pin_mv(const pin_t *pin) { return pin->net->mv; }
// Resistance between the pin's net and what drives it; INFINITY when it floats.
static inline double pin_ohms(const pin_t *pin) { return pin->net->ohms; }
// Both are driven by something, and so far apart: a part between them runs.
static inline bool pin_supplied(const pin_t *vdd, const pin_t *gnd, int32_t least_mv)
{
    return pin_mv(vdd) - pin_mv(gnd) >= least_mv && isfinite(pin_ohms(vdd)) && isfinite(pin_ohms(gnd));
}

// What the pin's part adds to the capacitance of its net (before the machine runs).
void pin_add_farads(pin_t *pin, double farads);
// The pin's small current from now on. It moves the charge of a net that has a capacitance while
// nobody drives it; the voltage is exact at this moment, and less than 3 mV late in between. Driven
// nets do not notice.
void pin_leak(pin_t *pin, leak_t leak);
// Between net.c and net_charge.c.
void net_charge_init(net_t *net);
void net_charge_begin(net_t *net);           // somebody drove it, or let it go
void net_float_to(net_t *net, int32_t mv);   // its charge came to this

// A new pin gets a net of its own, named "part:pin" (called by part_add_pin).
void net_new(struct machine *m, pin_t *pin);
void net_free(net_t *net);

// Joins the nets of two pins into one (wiring time only, before the machine runs). The name stays
// a's.
void pin_connect(pin_t *a, pin_t *b);
void net_set_name(net_t *net, const char *name);

// A conducting part between two pins; embedded in its part, zeroed. `ohms` INFINITY = open.
struct pin_link {
    pin_t *a, *b;
    pin_link_t *next_a, *next_b; // internal
    double ohms;                 // saved
};
void pin_link(pin_link_t *link, pin_t *a, pin_t *b, double ohms); // wiring time only
void pin_link_set(pin_link_t *link, double ohms);

// A trace, a logic analyser: called on each change of level (not of millivolts only).
void net_watch(net_t *net, net_fn_t fn, void *ctx);
void net_unwatch(net_t *net, net_fn_t fn, void *ctx);
// Somebody needs real edges on this net: transfers (xfer.h) must then also be drawn as edges.
bool net_watched(const net_t *net);
// For xfer: tells the watchers an edge of a transfer that is over; the net itself stays as it is.
void net_draw(net_t *net, bool level, uint64_t ps);

// ---- Pads: the on-chip end of a pin that has alternate functions --------------------------------
// A peripheral owns pads ("usart1.tx"); the GPIO model routes pins to pads as its registers say.
// Not routed, a pad reads its idle level and its output goes nowhere.
struct pad {
    char *name; // owned: "part.signal"
    bool level;   // saved: the peripheral's output level
    bool enabled; // saved: the peripheral drives at all
    int32_t mv;   // saved: its voltage, where the pin is routed to it as an analog output
    bool idle;    // what it reads when not routed
    bool edges;   // saved: the peripheral needs real edges of the pin that it is routed to
    pin_t *pin;   // where it is routed now, or NULL
    // Set by the GPIO model while routed: the pad's output changed.
    void (*output)(void *gpio, int index, pad_t *pad);
    void *gpio;
    int gpio_index;
    // Set by the peripheral, may be NULL: input level changed (the GPIO model tells it through
    // pad_input), or routing changed.
    void (*input)(void *ctx, pad_t *pad, bool level);
    void *ctx;
};

void pad_drive(pad_t *pad, bool enabled, bool level);
void pad_drive_mv(pad_t *pad, bool enabled, int32_t mv); // an analog output
void pad_set_edges(pad_t *pad, bool edges); // needs a GPIO model that looks at it
static inline bool pad_level(const pad_t *pad)
{
    return pad->pin ? pad->pin->net->level : pad->idle;
}
// For the GPIO model: connects or (pin NULL) disconnects; tells the peripheral its new input level.
void pad_route(pad_t *pad, pin_t *pin, void (*output)(void *, int, pad_t *), void *gpio, int index);
// For the GPIO model, from the pin's `changed`: the level of the routed pin may have changed.
static inline void pad_input(pad_t *pad)
{
    if (pad->input)
        pad->input(pad->ctx, pad, pad_level(pad));
}
