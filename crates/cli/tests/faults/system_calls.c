/*
 * Harms a process at its n-th system call on files below one folder. Loaded with LD_PRELOAD into the runner; SQLite is
 * compiled into it, but its system calls go through libc, and so do those of Rust's standard library.
 *
 *   SHORING_FAULT_FOLDER  the folder, absolute, without links
 *   SHORING_FAULT_AT      n, from 1
 *   SHORING_FAULT_HARM    kill   die before the call
 *                         tear   of calls that write: write the first half, then die
 *                         short  of calls that write: write the first half and say so
 *                         eio    fail with EIO, this once
 *                         broken fail with EIO from now on
 *                         full   from now on nothing grows: ENOSPC
 *   SHORING_FAULT_REPORT  a file that is made when the harm is done; its text says at which call
 *
 * `eio` and `broken` count reads as well. Everything else counts what changes something, and locks.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum harm { NONE, KILL, TEAR, SHORT, ONCE, BROKEN, FULL };
enum call { READS, WRITES, MAKES, CHANGES, LOCKS };

static enum harm harm = NONE;
static long at;
static const char *folder;
static const char *report;
static atomic_long seen;

__attribute__((constructor)) static void begin(void) {
    static const char *const names[] = {"none", "kill", "tear", "short", "eio", "broken", "full"};
    const char *name = getenv("SHORING_FAULT_HARM");
    const char *number = getenv("SHORING_FAULT_AT");
    folder = getenv("SHORING_FAULT_FOLDER");
    report = getenv("SHORING_FAULT_REPORT");
    if (!name || !number || !folder || !report) return;
    at = atol(number);
    for (int index = 0; index < (int)(sizeof names / sizeof *names); index++)
        if (!strcmp(name, names[index])) harm = (enum harm)index;
}

#define REAL(type, name) ((type)dlsym(RTLD_NEXT, name))

static int is_inside(const char *path) {
    return harm != NONE && path && !strncmp(path, folder, strlen(folder));
}

static int is_file_inside(int descriptor) {
    if (harm == NONE || descriptor < 3) return 0;
    char link[64], path[4096];
    snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length < 0) return 0;
    path[length] = 0;
    return is_inside(path);
}

static void say(const char *name) {
    int file = REAL(int (*)(const char *, int, ...), "open")(report, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (file < 0) return;
    REAL(ssize_t (*)(int, const void *, size_t), "write")(file, name, strlen(name));
    close(file);
}

static void die(void) {
    kill(getpid(), SIGKILL);
    for (;;) pause();
}

/* Whether the harm strikes at this call. A process that is to die at it does so here, unless half of a write comes first. */
static int strikes(enum call call, const char *name) {
    int is_counted = 1;
    if (call == READS) is_counted = harm == ONCE || harm == BROKEN;
    if (harm == TEAR || harm == SHORT) is_counted = call == WRITES;
    if (harm == FULL) is_counted = call == WRITES || call == MAKES;
    if (call == LOCKS && harm != KILL) is_counted = 0;
    if (!is_counted) return 0;
    long number = atomic_fetch_add(&seen, 1) + 1;
    int goes_on = harm == BROKEN || harm == FULL;
    if (number != at && !(goes_on && number > at)) return 0;
    if (number == at) say(name);
    if (harm == KILL) die();
    return 1;
}

static int failure(void) {
    errno = harm == FULL ? ENOSPC : EIO;
    return -1;
}

/* What every write comes to: `position` is -1 for one at the descriptor's own. */
static ssize_t on_write(int descriptor, const void *data, size_t length, off_t position) {
    ssize_t (*put)(int, const void *, size_t) = REAL(ssize_t (*)(int, const void *, size_t), "write");
    ssize_t (*put_at)(int, const void *, size_t, off_t) = REAL(ssize_t (*)(int, const void *, size_t, off_t), "pwrite64");
#define PUT(count) (position < 0 ? put(descriptor, data, count) : put_at(descriptor, data, count, position))
    if (!is_file_inside(descriptor)) return PUT(length);
    if (harm == FULL) {
        /* A full disk has no room for more, but what is there can be written over. */
        struct stat status;
        off_t from = position < 0 ? lseek(descriptor, 0, SEEK_CUR) : position;
        if (!fstat(descriptor, &status) && from + (off_t)length <= status.st_size) return PUT(length);
    }
    if (!strikes(WRITES, "write")) return PUT(length);
    if (harm == TEAR) {
        PUT(length / 2);
        die();
    }
    if (harm == SHORT) return PUT(length > 1 ? length / 2 : length);
    return failure();
}

ssize_t write(int descriptor, const void *data, size_t length) { return on_write(descriptor, data, length, -1); }

ssize_t pwrite(int descriptor, const void *data, size_t length, off_t position) {
    return on_write(descriptor, data, length, position);
}

ssize_t pwrite64(int descriptor, const void *data, size_t length, off64_t position) {
    return on_write(descriptor, data, length, position);
}

ssize_t read(int descriptor, void *data, size_t length) {
    if (is_file_inside(descriptor) && strikes(READS, "read")) return failure();
    return REAL(ssize_t (*)(int, void *, size_t), "read")(descriptor, data, length);
}

ssize_t pread(int descriptor, void *data, size_t length, off_t position) {
    if (is_file_inside(descriptor) && strikes(READS, "pread")) return failure();
    return REAL(ssize_t (*)(int, void *, size_t, off_t), "pread64")(descriptor, data, length, position);
}

ssize_t pread64(int descriptor, void *data, size_t length, off64_t position) {
    return pread(descriptor, data, length, position);
}

static int on_open(const char *name, int base, const char *path, int flags, mode_t mode) {
    int changes = (flags & O_CREAT) || (flags & O_ACCMODE) != O_RDONLY;
    if (changes && is_inside(path)) {
        int is_new = access(path, F_OK) != 0;
        if ((harm != FULL || is_new) && strikes(MAKES, name)) return failure();
    }
    return REAL(int (*)(int, const char *, int, ...), "openat64")(base, path, flags, mode);
}

#define MODE(flags)                              \
    mode_t mode = 0;                             \
    if ((flags) & (O_CREAT | O_TMPFILE)) {       \
        va_list rest;                            \
        va_start(rest, flags);                   \
        mode = va_arg(rest, mode_t);             \
        va_end(rest);                            \
    }

int open(const char *path, int flags, ...) {
    MODE(flags)
    return on_open("open", AT_FDCWD, path, flags, mode);
}

int open64(const char *path, int flags, ...) {
    MODE(flags)
    return on_open("open", AT_FDCWD, path, flags | O_LARGEFILE, mode);
}

int openat(int base, const char *path, int flags, ...) {
    MODE(flags)
    return on_open("open", base, path, flags, mode);
}

int openat64(int base, const char *path, int flags, ...) {
    MODE(flags)
    return on_open("open", base, path, flags | O_LARGEFILE, mode);
}

int fsync(int descriptor) {
    if (is_file_inside(descriptor) && strikes(CHANGES, "fsync")) return failure();
    return REAL(int (*)(int), "fsync")(descriptor);
}

int fdatasync(int descriptor) {
    if (is_file_inside(descriptor) && strikes(CHANGES, "fdatasync")) return failure();
    return REAL(int (*)(int), "fdatasync")(descriptor);
}

int ftruncate64(int descriptor, off64_t length) {
    if (is_file_inside(descriptor) && strikes(CHANGES, "ftruncate")) return failure();
    return REAL(int (*)(int, off64_t), "ftruncate64")(descriptor, length);
}

int ftruncate(int descriptor, off_t length) { return ftruncate64(descriptor, length); }

int unlink(const char *path) {
    if (is_inside(path) && strikes(CHANGES, "unlink")) return failure();
    return REAL(int (*)(const char *), "unlink")(path);
}

int rename(const char *from, const char *to) {
    if (is_inside(from) && strikes(CHANGES, "rename")) return failure();
    return REAL(int (*)(const char *, const char *), "rename")(from, to);
}

int flock(int descriptor, int operation) {
    if (is_file_inside(descriptor)) strikes(LOCKS, "flock");
    return REAL(int (*)(int, int), "flock")(descriptor, operation);
}

static int on_fcntl(int descriptor, int command, void *argument) {
    if ((command == F_SETLK || command == F_SETLKW) && is_file_inside(descriptor)) strikes(LOCKS, "fcntl");
    return REAL(int (*)(int, int, ...), "fcntl64")(descriptor, command, argument);
}

#define ARGUMENT(command)                        \
    va_list rest;                                \
    va_start(rest, command);                     \
    void *argument = va_arg(rest, void *);       \
    va_end(rest);

int fcntl(int descriptor, int command, ...) {
    ARGUMENT(command)
    return on_fcntl(descriptor, command, argument);
}

int fcntl64(int descriptor, int command, ...) {
    ARGUMENT(command)
    return on_fcntl(descriptor, command, argument);
}
