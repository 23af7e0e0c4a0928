// SPDX-License-Identifier: GPL-2.0-or-later
// Nets: the wires of a board. Everything outside the chip meets at nets.
//
// A pin belongs to a part and is always on exactly one net (an unconnected pin has a net of its own).
// Each pin drives its net with a strength and a voltage; the strongest wins:
//   strong over source over pull over nothing.
// Opposed strong drivers are contention: the level is the mean of their voltages, reported once.
// A net has a voltage in millivolts (an ADC reads it) and a logic level with hysteresis
// (high above 0.7 VDD, low below 0.3 VDD; between them the level stays what it was).
#pragma once
#include <stdbool.h>
#include <stdint.h>
#include <glib.h>

#define NET_VDD_MV 3300

typedef struct part part_t;
typedef struct net net_t;
typedef struct pin pin_t;
typedef struct pad pad_t;

typedef enum {
    DRIVE_NONE,   // input, high impedance
    DRIVE_PULL,   // a resistor of kilohms to a rail
    DRIVE_SOURCE, // an analog source (sensor output, potentiometer)
    DRIVE_STRONG, // a push-pull or open-drain stage that is on, or a supply rail
} drive_t;

// Called after the voltage or the level of the pin's net changed, whoever drove it.
typedef void (*pin_fn_t)(void *ctx, pin_t *pin);

struct pin {
    char *name; // owned; unique within its part: "SDA", "PA13", "X19"
    part_t *part;
    int index; // in its part, in the order in which pins were added
    net_t *net;
    drive_t drive; // saved
    int32_t mv;    // saved: meaningful unless DRIVE_NONE
    pin_fn_t changed; // may be NULL
    void *ctx;
    struct uart_rx *uart_rx;       // see xfer.h: set while such an endpoint sits on this pin
    struct i2c_target *i2c_target; // set on a target's SDA pin
    struct spi_target *spi_target; // set on a target's SCK pin
};

typedef void (*net_fn_t)(void *ctx, net_t *net, uint64_t now_ps);

struct net {
    char *name; // owned: the name of its most telling pin: "pyboard:X1"
    uint32_t id; // in order of creation, stable for the same board and diagram
    GPtrArray *pins;   // of pin_t *, not owned
    GArray *watchers;  // of {net_fn_t, ctx}
    struct machine *m;
    int32_t mv;        // now
    bool level;        // saved: now
    bool contention;   // now
    drive_t strength;  // of the strongest driver now
    int reported;      // contention already reported
};

// Drives `pin`. No call-backs when neither voltage, level nor strength of the net changes.
void pin_drive(pin_t *pin, drive_t drive, int32_t mv);
static inline void pin_set(pin_t *pin, bool level)
{
    pin_drive(pin, DRIVE_STRONG, level ? NET_VDD_MV : 0);
}
static inline void pin_release(pin_t *pin) { pin_drive(pin, DRIVE_NONE, 0); }
bool pin_level(const pin_t *pin);  // of its net
int32_t pin_mv(const pin_t *pin);  // of its net

// A new pin gets a net of its own, named "part:pin" (called by part_add_pin).
void net_new(struct machine *m, pin_t *pin);
void net_free(net_t *net);

// Joins the nets of two pins into one (wiring time only, before the machine runs).
void pin_connect(pin_t *a, pin_t *b);
// A trace, a bit-banged decoder: called on each change of level (not of millivolts only).
void net_watch(net_t *net, net_fn_t fn, void *ctx);
void net_unwatch(net_t *net, net_fn_t fn, void *ctx);
// Somebody needs real edges on this net: transfers (xfer.h) must then also be drawn as edges.
bool net_watched(const net_t *net);

// ---- Pads: the on-chip end of a pin that has alternate functions --------------------------------
// A peripheral owns pads ("usart1.tx"); the GPIO model routes pins to pads as its registers say.
// Not routed, a pad reads its idle level and its output goes nowhere.
struct pad {
    char *name; // owned: "part.signal"
    bool level;   // saved: the peripheral's output level
    bool enabled; // saved: the peripheral drives at all
    bool idle;    // what it reads when not routed
    pin_t *pin;   // where it is routed now, or NULL
    // Set by the GPIO model while routed: the pad's output changed.
    void (*output)(void *gpio, int index, pad_t *pad);
    void *gpio;
    int gpio_index;
    // Set by the peripheral, may be NULL: input level changed, or routing changed.
    void (*input)(void *ctx, pad_t *pad, bool level);
    void *ctx;
};

void pad_drive(pad_t *pad, bool enabled, bool level);
bool pad_level(const pad_t *pad);
// For the GPIO model: connects or (pin NULL) disconnects; tells the peripheral its new input level.
void pad_route(pad_t *pad, pin_t *pin, void (*output)(void *, int, pad_t *), void *gpio, int index);
