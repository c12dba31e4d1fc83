# openssl: digests, ciphers, signatures that are the same each time, keys, certificates, TLS over a socket.
for d in md5 sha1 sha224 sha256 sha512 sha3-256 blake2b512 shake128 sm3 ripemd160; do printf abc | openssl dgst -$d 2>&1 | sed 's/.*= //'; done
seq 20000 >t; for c in aes-128-cbc aes-256-ctr aes-256-gcm camellia-192-cbc chacha20 aria-128-cbc; do openssl enc -$c -K 000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f -iv 000102030405060708090a0b0c0d0e0f -in t 2>/dev/null | sha256sum; done
openssl enc -aes-256-cbc -pbkdf2 -S 0011223344556677 -pass pass:secret -in t -out e && openssl enc -d -aes-256-cbc -pbkdf2 -S 0011223344556677 -pass pass:secret -in e | cmp - t && sha256sum <e
openssl dgst -sha256 -hmac key t | sed 's/.*= //'; openssl kdf -keylen 32 -kdfopt digest:SHA256 -kdfopt pass:password -kdfopt salt:salt -kdfopt iter:1000 PBKDF2; openssl kdf -keylen 16 -kdfopt pass:p -kdfopt salt:s -kdfopt n:1024 -kdfopt r:8 -kdfopt p:1 SCRYPT
cat >ed.pem <<'END'
-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g
-----END PRIVATE KEY-----
END
openssl pkey -in ed.pem -pubout -outform DER | sha256sum; echo message >m; openssl pkeyutl -sign -rawin -in m -inkey ed.pem | sha256sum
for k in 'RSA -pkeyopt rsa_keygen_bits:1024' 'EC -pkeyopt ec_paramgen_curve:P-256' 'EC -pkeyopt ec_paramgen_curve:secp384r1' ED448 X25519; do openssl genpkey -algorithm $k -out k.pem 2>/dev/null && openssl pkey -in k.pem -noout -text | head -1; case $k in X*) ;; ED*) openssl pkeyutl -sign -rawin -in m -inkey k.pem -out s && openssl pkeyutl -verify -rawin -in m -inkey k.pem -sigfile s ;; *) openssl dgst -sha256 -sign k.pem -out s m && openssl pkey -in k.pem -pubout -out k.pub && openssl dgst -sha256 -verify k.pub -signature s m; echo x >>m; openssl dgst -sha256 -verify k.pub -signature s m 2>/dev/null ;; esac; done
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout key.pem -out cert.pem -subj /CN=localhost -days 30 2>/dev/null; openssl verify -CAfile cert.pem cert.pem; openssl x509 -in cert.pem -noout -subject
openssl s_server -accept 127.0.0.1:14433 -cert cert.pem -key key.pem -quiet -rev >/dev/null 2>&1 & server=$!; for i in 1 2 3 4 5 6 7 8 9 10; do sleep 1; answer=$( (echo hello over TLS; sleep 1) | openssl s_client -connect 127.0.0.1:14433 -tls1_3 -CAfile cert.pem -quiet -no_ign_eof 2>/dev/null); [ -n "$answer" ] && break; done; echo "$answer"; kill $server
openssl prime 1000000007; openssl prime -hex FFFFFFFB; openssl rand -hex 8 | wc -c; openssl base64 -in m | openssl base64 -d | cmp - m; echo 'asn1=SEQUENCE:s
[s]
a=INTEGER:5
b=UTF8:text' >a.cnf; openssl asn1parse -genconf a.cnf; openssl speed -seconds 1 -bytes 1024 sha256 2>/dev/null | grep -c '^sha256'; openssl version | cut -d' ' -f1
