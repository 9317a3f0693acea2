package org.deeprl4j.spark;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;

/**
 * What an executor answers to a part of a rollout.
 *
 * @param executor Spark's name of it
 * @param host of its machine
 * @param refusal why it cannot make the environment, in one line; empty if it can
 * @param rows what it gathered
 */
record RolloutAnswer(String executor, String host, String refusal, byte[] rows) {
  byte[] toBytes() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(rows.length + 256);
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      out.writeUTF(executor);
      out.writeUTF(host);
      out.writeUTF(refusal);
      out.write(rows);
    } catch (IOException e) { // it is in memory
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  static RolloutAnswer of(byte[] bytes) {
    try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes))) {
      return new RolloutAnswer(in.readUTF(), in.readUTF(), in.readUTF(), in.readAllBytes());
    } catch (IOException e) { // it is in memory
      throw new UncheckedIOException(e);
    }
  }

  /** For messages. */
  String name() {
    return "executor %s on %s".formatted(executor, host);
  }

  /** Where Spark can be asked to execute a task, as it names an executor's place. */
  String place() {
    return "executor_%s_%s".formatted(host, executor);
  }
}
