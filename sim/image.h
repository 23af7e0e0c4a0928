// SPDX-License-Identifier: GPL-2.0-or-later
// Firmware images: see image.c (being written).
#pragma once
typedef struct image image_t;
