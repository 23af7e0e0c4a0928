/* SPDX-License-Identifier: MIT
 * errno.c: the module errno, with the numbers that MicroPython uses on all ports (those of Linux).
 */
#include "module.h"

static val_t errno_get_errorcode(val_t self);

static const dict_entry_t errno_table[] = {
    {VQ(EPERM), V_INT(1)},
    {VQ(ENOENT), V_INT(2)},
    {VQ(EIO), V_INT(5)},
    {VQ(EBADF), V_INT(9)},
    {VQ(EAGAIN), V_INT(11)},
    {VQ(ENOMEM), V_INT(12)},
    {VQ(EACCES), V_INT(13)},
    {VQ(EEXIST), V_INT(17)},
    {VQ(ENODEV), V_INT(19)},
    {VQ(ENOTDIR), V_INT(20)},
    {VQ(EISDIR), V_INT(21)},
    {VQ(EINVAL), V_INT(22)},
    {VQ(ENOSPC), V_INT(28)},
    {VQ(EROFS), V_INT(30)},
    {VQ(ENOTEMPTY), V_INT(39)},
    {VQ(EOPNOTSUPP), V_INT(95)},
    {VQ(EADDRINUSE), V_INT(98)},
    {VQ(ECONNABORTED), V_INT(103)},
    {VQ(ECONNRESET), V_INT(104)},
    {VQ(ENOBUFS), V_INT(105)},
    {VQ(ENOTCONN), V_INT(107)},
    {VQ(ETIMEDOUT), V_INT(110)},
    {VQ(ECONNREFUSED), V_INT(111)},
    {VQ(EHOSTUNREACH), V_INT(113)},
    {VQ(EALREADY), V_INT(114)},
    {VQ(EINPROGRESS), V_INT(115)},
    PROPERTY(errorcode, errno_get_errorcode, NULL), /* the last one: it is not a number */
};
const dict_t errno_names = ROM_DICT_OF(errno_table, COUNT_OF(errno_table) - 1);

/* number -> name: made when it is asked for */
static val_t errno_get_errorcode(val_t self) {
    val_t d = dict_new(errno_names.used), k, v;
    unsigned pos = 0;
    while (dict_next(&errno_names, &pos, &k, &v))
        dict_set(dict_of(d), v, k);
    return d;
}
MODULE(errno, errno_table);
