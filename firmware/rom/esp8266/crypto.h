// SPDX-License-Identifier: MIT
// Digests and AES. Contexts lie as programs keep them (public-domain MD5 and SHA-1 layouts, as wpa_supplicant has
// them).
#pragma once
#include "rom.h"

typedef struct md5 {
    uint32_t buf[4], bits[2];
    uint8_t in[64];
} md5_t;
void MD5Init(md5_t *m);
void MD5Update(md5_t *m, const void *data, uint32_t n);
void MD5Final(uint8_t digest[16], md5_t *m);
int md5_vector(uint32_t count, const uint8_t *const *data, const uint32_t *lengths, uint8_t *digest);
int hmac_md5_vector(const uint8_t *key, uint32_t key_length, uint32_t count, const uint8_t *const *data,
                    const uint32_t *lengths, uint8_t *mac);
int hmac_md5(const uint8_t *key, uint32_t key_length, const uint8_t *data, uint32_t length, uint8_t *mac);

typedef struct sha1 {
    uint32_t state[5], bits[2]; // bits: low word first
    uint8_t buffer[64];
} sha1_t;
void SHA1Transform(uint32_t state[5], const uint8_t block[64]);
void SHA1Init(sha1_t *s);
void SHA1Update(sha1_t *s, const void *data, uint32_t n);
void SHA1Final(uint8_t digest[20], sha1_t *s);
int sha1_vector(uint32_t count, const uint8_t *const *data, const uint32_t *lengths, uint8_t *digest);
int hmac_sha1_vector(const uint8_t *key, uint32_t key_length, uint32_t count, const uint8_t *const *data,
                     const uint32_t *lengths, uint8_t *mac);
int hmac_sha1(const uint8_t *key, uint32_t key_length, const uint8_t *data, uint32_t length, uint8_t *mac);
int sha1_prf(const uint8_t *key, uint32_t key_length, const char *label, const uint8_t *data, uint32_t length,
             uint8_t *to, uint32_t n);
int pbkdf2_sha1(const char *passphrase, const char *ssid, uint32_t ssid_length, int iterations, uint8_t *to,
                uint32_t n);

extern const uint32_t Te0[256], Td0[256], md5_sines[64];
extern const uint8_t Td4s[256], rcons[10];
void rijndaelKeySetupEnc(uint32_t keys[44], const uint8_t key[16]);
void rijndaelKeySetupDec(uint32_t keys[44], const uint8_t key[16]);
void *aes_decrypt_init(const uint8_t *key, uint32_t length);
void aes_decrypt(void *context, const uint8_t *from, uint8_t *to);
void aes_decrypt_deinit(void *context);
int aes_unwrap(const uint8_t *key, int n, const uint8_t *from, uint8_t *to);
int rc4_skip(const uint8_t *key, uint32_t key_length, uint32_t skip, uint8_t *data, uint32_t n);
