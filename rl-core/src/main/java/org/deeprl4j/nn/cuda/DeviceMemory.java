package org.deeprl4j.nn.cuda;

import java.util.Objects;

/** A range of a device's memory: one that was allocated, or a part of one. */
public final class DeviceMemory {
  private final CudaDevice device;
  private final Owner owner;
  private final long address;
  private final long bytes;

  /** What was allocated. When neither it nor a slice can be reached, it is given back. */
  static final class Owner {
    final Block block;

    Owner(Block block) {
      this.block = block;
    }
  }

  /** The driver's side of what was allocated, which outlives it. */
  static final class Block {
    final long address;
    final long bytes;
    boolean freed;

    Block(long address, long bytes) {
      this.address = address;
      this.bytes = bytes;
    }
  }

  DeviceMemory(CudaDevice device, Owner owner, long address, long bytes) {
    this.device = device;
    this.owner = owner;
    this.address = address;
    this.bytes = bytes;
  }

  /** The address on the device; not one the host can read. */
  public long address() {
    if (owner.block.freed) {
      throw new IllegalStateException("the device memory has been freed");
    }
    return address;
  }

  /** The size in bytes. */
  public long bytes() {
    return bytes;
  }

  /**
   * A part of this range, in the same memory.
   *
   * @param offset bytes from the start
   * @param size bytes, at least 1
   * @throws IndexOutOfBoundsException if the part is not inside
   */
  public DeviceMemory slice(long offset, long size) {
    if (size < 1) {
      throw new IllegalArgumentException("a slice must have at least 1 byte, not " + size);
    }
    Objects.checkFromIndexSize(offset, size, bytes);
    return new DeviceMemory(device, owner, address + offset, size);
  }

  CudaDevice device() {
    return device;
  }

  Owner owner() {
    return owner;
  }

  /** The address of bytes {@code offset} to {@code offset + size}, which must be inside. */
  long range(long offset, long size) {
    Objects.checkFromIndexSize(offset, size, bytes);
    return address() + offset;
  }

  @Override
  public String toString() {
    return bytes + " bytes at 0x" + Long.toHexString(address);
  }
}
