// SPDX-License-Identifier: MIT
// What a walk cannot be faster than: open and read ROOT/<name>/plugin.yaml for every name in ROOT.
// Prints how many files and bytes it read.
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

static ssize_t read_manifest(int root, const char *name) {
    static char bytes[64 * 1024];
    char path[512];
    snprintf(path, sizeof path, "%s/plugin.yaml", name);
    int fd = openat(root, path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return -1;
    }
    ssize_t len = read(fd, bytes, sizeof bytes);
    close(fd);
    return len;
}

int main(int argc, char **argv) {
    DIR *root = argc == 2 ? opendir(argv[1]) : NULL;
    if (!root) {
        fprintf(stderr, "usage: bare_read ROOT\n");
        return 2;
    }
    long files = 0;
    long bytes = 0;
    for (struct dirent *entry = readdir(root); entry; entry = readdir(root)) {
        ssize_t len = read_manifest(dirfd(root), entry->d_name);
        if (len >= 0) {
            files++;
            bytes += len;
        }
    }
    closedir(root);
    printf("%ld files, %ld bytes\n", files, bytes);
    return 0;
}
