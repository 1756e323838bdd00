#include "proto/confine.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/landlock.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define IS_WATCHED true /* a sanitizer opens files and starts programs of its own at the end */
#else
#define IS_WATCHED false
#endif

/* ---- files ---- */

#define ACCESS_READ ((uint64_t)LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR)
#define ACCESS_FIRST ((uint64_t)LANDLOCK_ACCESS_FS_MAKE_SYM * 2 - 1) /* all of version 1 */
#define ACCESS_REFER ((uint64_t)1 << 13)                             /* version 2 */
#define ACCESS_TRUNCATE ((uint64_t)1 << 14)                          /* version 3 */
#define ACCESS_OWN                                                                                 \
    (ACCESS_READ | LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_MAKE_REG |                   \
     LANDLOCK_ACCESS_FS_REMOVE_FILE | ACCESS_TRUNCATE)

struct fence {
    int fd;
    uint64_t handled;
};

static bool fence_open(struct fence *f) {
    long version = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
    if (version < 1)
        return false;
    f->handled =
        ACCESS_FIRST | (version >= 2 ? ACCESS_REFER : 0) | (version >= 3 ? ACCESS_TRUNCATE : 0);
    const struct landlock_ruleset_attr attr = {.handled_access_fs = f->handled};
    f->fd = (int)syscall(SYS_landlock_create_ruleset, &attr, sizeof attr, 0);
    return f->fd >= 0;
}

/* What is not there need not be allowed. */
static bool fence_allow(const struct fence *f, const char *path, uint64_t access) {
    struct landlock_path_beneath_attr rule = {.allowed_access = access & f->handled};
    rule.parent_fd = open(path, O_PATH | O_CLOEXEC);
    if (rule.parent_fd < 0)
        return errno == ENOENT || errno == EACCES || errno == ENOTDIR;
    long rc = syscall(SYS_landlock_add_rule, f->fd, LANDLOCK_RULE_PATH_BENEATH, &rule, 0);
    (void)close(rule.parent_fd);
    return rc == 0;
}

bool confine_files(const char *dir, const char *locale_dir, bool names) {
    static const char *const resolver[] = {
        "/etc",           "/usr/lib", "/lib", "/run/systemd/resolve", "/run/NetworkManager",
        "/run/resolvconf"};
    struct fence f;
    if (IS_WATCHED)
        return true;
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || !fence_open(&f))
        return false;
    bool ok = (!dir || fence_allow(&f, dir, ACCESS_OWN)) &&
              fence_allow(&f, locale_dir, ACCESS_READ) &&
              fence_allow(&f, "/usr/share/zoneinfo", ACCESS_READ) &&
              fence_allow(&f, "/etc/localtime", LANDLOCK_ACCESS_FS_READ_FILE);
    for (size_t i = 0; ok && names && i < sizeof resolver / sizeof *resolver; i++)
        ok = fence_allow(&f, resolver[i], LANDLOCK_ACCESS_FS_READ_FILE);
    ok = ok && syscall(SYS_landlock_restrict_self, f.fd, 0) == 0;
    (void)close(f.fd);
    return ok;
}

/* ---- system calls ---- */

#if defined(__x86_64__)
#define OWN_ARCH AUDIT_ARCH_X86_64
#define FOREIGN_CALLS 0x40000000u /* of another calling convention, from here on */
#elif defined(__aarch64__)
#define OWN_ARCH AUDIT_ARCH_AARCH64
#define FOREIGN_CALLS 0xffffffffu
#endif

#ifdef OWN_ARCH

#define FIELD(name) ((uint32_t)offsetof(struct seccomp_data, name))
#define LOAD(name) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, FIELD(name))
#define IF_IS(value, yes, no) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)(value), yes, no)
#define IF_FROM(value, yes, no) BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, (uint32_t)(value), yes, no)
#define GIVE(what) BPF_STMT(BPF_RET | BPF_K, what)
#define REFUSE(error) (SECCOMP_RET_ERRNO | (uint32_t)(error))

static const int never[] = {
    SYS_execve,
    SYS_execveat,
    SYS_ptrace,
    SYS_process_vm_readv,
    SYS_process_vm_writev,
    SYS_bpf,
    SYS_mount,
    SYS_umount2,
    SYS_pivot_root,
    SYS_chroot,
    SYS_setns,
    SYS_unshare,
    SYS_init_module,
    SYS_finit_module,
    SYS_delete_module,
    SYS_kexec_load,
    SYS_perf_event_open,
    SYS_userfaultfd,
    SYS_io_uring_setup,
    SYS_keyctl,
    SYS_add_key,
    SYS_request_key,
    SYS_personality,
    SYS_swapon,
    SYS_swapoff,
    SYS_reboot,
    SYS_open_by_handle_at,
};
static const int no_listening[] = {SYS_listen};
static const int no_reaching[] = {SYS_bind, SYS_connect, SYS_socket};

#define FILTER_MAX 96

struct filter {
    unsigned short n;
    struct sock_filter list[FILTER_MAX];
};

static void put(struct filter *f, struct sock_filter one) {
    if (f->n < FILTER_MAX)
        f->list[f->n++] = one;
}

static void forbid(struct filter *f, const int *calls, size_t n) {
    for (size_t i = 0; i < n; i++) {
        put(f, (struct sock_filter)IF_IS(calls[i], 0, 1));
        put(f, (struct sock_filter)GIVE(REFUSE(EPERM)));
    }
}

/* Of sockets, those over IP only, and that by which the kernel tells of this machine's addresses:
 * libzmq ends the process where it cannot ask for them. The last thing that is asked. */
static void allow_ip(struct filter *f) {
    put(f, (struct sock_filter)IF_IS(SYS_socket, 1, 0));
    put(f, (struct sock_filter)GIVE(SECCOMP_RET_ALLOW));
    put(f, (struct sock_filter)LOAD(args[0]));
    put(f, (struct sock_filter)IF_IS(AF_INET, 3, 0));
    put(f, (struct sock_filter)IF_IS(AF_INET6, 2, 0));
    put(f, (struct sock_filter)IF_IS(AF_NETLINK, 1, 0));
    put(f, (struct sock_filter)GIVE(REFUSE(EAFNOSUPPORT)));
    put(f, (struct sock_filter)GIVE(SECCOMP_RET_ALLOW));
}

bool confine_calls(enum confine_net net) {
    struct filter f = {.n = 0};
    if (IS_WATCHED)
        return true;
    put(&f, (struct sock_filter)LOAD(arch));
    put(&f, (struct sock_filter)IF_IS(OWN_ARCH, 1, 0));
    put(&f, (struct sock_filter)GIVE(REFUSE(EPERM)));
    put(&f, (struct sock_filter)LOAD(nr));
    put(&f, (struct sock_filter)IF_FROM(FOREIGN_CALLS, 0, 1));
    put(&f, (struct sock_filter)GIVE(REFUSE(EPERM)));
    forbid(&f, never, sizeof never / sizeof *never);
    forbid(&f, no_listening, sizeof no_listening / sizeof *no_listening);
    if (net == CONFINE_CONNECTS)
        allow_ip(&f);
    else
        forbid(&f, no_reaching, sizeof no_reaching / sizeof *no_reaching);
    put(&f, (struct sock_filter)GIVE(SECCOMP_RET_ALLOW));
    const struct sock_fprog program = {f.n, f.list};
    return f.n < FILTER_MAX && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
           syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, &program) == 0;
}

#else

bool confine_calls(enum confine_net net) {
    (void)net;
    return IS_WATCHED;
}

#endif
