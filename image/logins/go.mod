module marginalia.sh/logins

go 1.24

toolchain go1.27.4

require github.com/lib/pq v1.12.3
