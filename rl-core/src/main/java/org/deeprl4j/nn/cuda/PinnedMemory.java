package org.deeprl4j.nn.cuda;

import com.sun.jna.Pointer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.util.Objects;

/**
 * Page-locked memory of the host, which the device copies from and to while the host goes on. What
 * an asynchronous copy reads or writes is left alone until {@link CudaDevice#synchronize}.
 */
public final class PinnedMemory {
  private final CudaDevice device;
  private final long address;
  private final long bytes;
  private final ByteBuffer buffer;
  private final FloatBuffer floats;
  private final IntBuffer ints;
  private boolean freed;

  PinnedMemory(CudaDevice device, long address, long bytes) {
    this.device = device;
    this.address = address;
    this.bytes = bytes;
    buffer = new Pointer(address).getByteBuffer(0, bytes).order(ByteOrder.nativeOrder());
    floats = buffer.asFloatBuffer();
    ints = buffer.asIntBuffer();
  }

  /** The size in bytes. */
  public long bytes() {
    return bytes;
  }

  /** Copies floats in. */
  public void write(float[] from, int fromIndex, int toIndex, int count) {
    requireThere();
    floats.put(toIndex, from, fromIndex, count);
  }

  /** Copies floats out. The array is modified. */
  public void read(int fromIndex, float[] to, int toIndex, int count) {
    requireThere();
    floats.get(fromIndex, to, toIndex, count);
  }

  /** Copies 32-bit integers in. */
  public void write(int[] from, int fromIndex, int toIndex, int count) {
    requireThere();
    ints.put(toIndex, from, fromIndex, count);
  }

  /** Copies 32-bit integers out. The array is modified. */
  public void read(int fromIndex, int[] to, int toIndex, int count) {
    requireThere();
    ints.get(fromIndex, to, toIndex, count);
  }

  /** The float at an index. */
  public float getFloat(int index) {
    requireThere();
    return floats.get(index);
  }

  /** Sets the float at an index. */
  public void setFloat(int index, float value) {
    requireThere();
    floats.put(index, value);
  }

  /** The memory itself, in the host's byte order; not to be used once the device is closed. */
  public ByteBuffer buffer() {
    requireThere();
    return buffer.duplicate().order(ByteOrder.nativeOrder());
  }

  CudaDevice device() {
    return device;
  }

  long address() {
    requireThere();
    return address;
  }

  long range(long offset, long size) {
    Objects.checkFromIndexSize(offset, size, bytes);
    return address() + offset;
  }

  void markFreed() {
    freed = true;
  }

  private void requireThere() {
    if (freed) {
      throw new IllegalStateException("the pinned memory has been freed");
    }
  }
}
