#!/bin/busybox sh
# The first process of the guest: makes the machine's own files its root, unchanged below a layer in memory, and
# runs there what the shared folder says.
b=/bin/busybox
$b mkdir -p /proc /sys /lower /memory /root
$b mount -t proc proc /proc
$b mount -t sysfs sys /sys
for module in $($b cat /modules); do
  $b insmod "$module" || $b echo "init: no module $module"
done
# What does not change on the machine may stay in memory here.
$b mount -t 9p -o trans=virtio,version=9p2000.L,ro,cache=loose,msize=512000 files /lower
$b mount -t tmpfs memory /memory
$b mkdir /memory/upper /memory/work
$b mount -t overlay -o lowerdir=/lower,upperdir=/memory/upper,workdir=/memory/work root /root

$b mount -t proc proc /root/proc
$b mount -t sysfs sys /root/sys
$b mount -t tracefs trace /root/sys/kernel/tracing
$b mount -t devtmpfs dev /root/dev
$b mkdir -p /root/dev/pts /root/dev/shm /root/mnt
$b mount -t devpts pts /root/dev/pts
$b mount -t tmpfs -o mode=1777 shm /root/dev/shm
# Not on the layers: a file of a server is to be a plain one.
$b mount -t tmpfs -o mode=1777 mnt /root/mnt
$b mkdir /root/mnt/job
$b mount -t 9p -o trans=virtio,version=9p2000.L job /root/mnt/job
$b ifconfig lo up
$b hostname pgtrace-guest

# The first port of the console device is reserved.
out=$($b basename "$($b dirname "$($b grep -lx out /sys/class/virtio-ports/*/name)")")
err=$($b basename "$($b dirname "$($b grep -lx err /sys/class/virtio-ports/*/name)")")
$b chroot /root /bin/sh /mnt/job/script </root/dev/null >"/root/dev/$out" 2>"/root/dev/$err"
$b echo $? >/root/mnt/job/status
$b sync
$b poweroff -f
