/* SPDX-License-Identifier: MIT
 * esp.c: the module esp: the flash chip of boards with an ESP8266, and what programs ask of Espressif's system.
 */
#include "machine.h"
#include "heap.h"
#include "number.h"
#include "ports/esp8266/espflash.h"

static void checked(bool ok)
{
    if (!ok)
        raise_os(E_IO);
}

static uint32_t address_arg(val_t v, size_t len)
{
    uint32_t address = uint32_arg(v);
    if (address % 4 || len % 4)
        raise_value("address and length must be multiples of 4");
    if (address > flash_size() || len > flash_size() - address)
        raise_value("beyond the end of the flash");
    return address;
}

static val_t esp_flash_id(void) { return int_from_u(flash_id()); }
static val_t esp_flash_size(void) { return int_from_u(flash_size()); }
static val_t esp_flash_user_start(void) { return int_from_u(FLASH_USER_START); }

/* flash_read(address, length or buffer) */
static val_t esp_flash_read(val_t where, val_t what)
{
    buffer_t buf;
    val_t result = V_NONE;
    if (is_int(what)) {
        intptr_t len = int_of(what);
        if (len < 0)
            raise_value("negative length");
        str_t *s = str_alloc(&type_bytes, (size_t)len);
        buf = (buffer_t){s->data, (size_t)len, 'B', true};
        result = V_OBJ(s);
    } else {
        op_buffer(what, &buf, true);
    }
    uint32_t address = address_arg(where, buf.size), piece[64];
    for (size_t done = 0; done < buf.size;) { /* buffers may lie at any byte */
        size_t n = buf.size - done < sizeof piece ? buf.size - done : sizeof piece;
        checked(flash_read(address + (uint32_t)done, piece, (uint32_t)n));
        memcpy((uint8_t *)buf.data + done, piece, n);
        done += n;
    }
    return result == V_NONE ? V_NONE : str_finish(str_of(result));
}

static val_t esp_flash_write(val_t where, val_t what)
{
    buffer_t buf;
    uint32_t piece[64];
    op_buffer(what, &buf, false);
    uint32_t address = address_arg(where, buf.size);
    for (size_t done = 0; done < buf.size;) {
        size_t n = buf.size - done < sizeof piece ? buf.size - done : sizeof piece;
        memcpy(piece, (const uint8_t *)buf.data + done, n);
        checked(flash_program(address + (uint32_t)done, piece, (uint32_t)n));
        done += n;
    }
    return V_NONE;
}

static val_t esp_flash_erase(val_t sector)
{
    uint32_t n = uint32_arg(sector);
    if (n >= flash_size() / FLASH_SECTOR)
        raise_value("beyond the end of the flash");
    checked(flash_erase(n));
    return V_NONE;
}

static val_t esp_freemem(void)
{
    size_t used, free, largest;
    heap_stats(&used, &free, &largest);
    return int_from_u(free);
}

/* The image carries no sum of its own beyond the one that the ROM has checked to start it. */
static val_t esp_check_fw(void) { return V_TRUE; }

/* Espressif's system prints nothing here: there is none. */
static val_t esp_osdebug(unsigned n, const val_t *args) { return V_NONE; }

enum { SLEEP_NONE, SLEEP_LIGHT, SLEEP_MODEM };

/* Waiting always stops the CPU, and there is no radio that could stay on. */
static val_t esp_sleep_type(unsigned n, const val_t *args)
{
    if (n == 0)
        return V_INT(SLEEP_LIGHT);
    if (int_arg(args[0]) < SLEEP_NONE || int_arg(args[0]) > SLEEP_MODEM)
        raise_value("no such sleep");
    return V_NONE;
}

static const dict_entry_t esp_table[] = {
    FUNC_0(flash_id, esp_flash_id),
    FUNC_0(flash_size, esp_flash_size),
    FUNC_0(flash_user_start, esp_flash_user_start),
    FUNC_2(flash_read, esp_flash_read),
    FUNC_2(flash_write, esp_flash_write),
    FUNC_1(flash_erase, esp_flash_erase),
    FUNC_0(freemem, esp_freemem),
    FUNC_0(check_fw, esp_check_fw),
    FUNC_V(osdebug, esp_osdebug, 1, 2),
    FUNC_V(sleep_type, esp_sleep_type, 0, 1),
    {VQ(SLEEP_NONE), V_INT(SLEEP_NONE)},
    {VQ(SLEEP_LIGHT), V_INT(SLEEP_LIGHT)},
    {VQ(SLEEP_MODEM), V_INT(SLEEP_MODEM)},
};
MODULE(esp, esp_table);
