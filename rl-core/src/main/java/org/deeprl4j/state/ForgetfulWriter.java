package org.deeprl4j.state;

/** Takes a state in and keeps nothing of it, for those who look at some of its fields. */
abstract class ForgetfulWriter implements StateWriter {
  @Override
  public void put(String name, boolean value) {}

  @Override
  public void put(String name, int value) {}

  @Override
  public void put(String name, long value) {}

  @Override
  public void put(String name, double value) {}

  @Override
  public void put(String name, String value) {}

  @Override
  public void put(String name, byte[] values) {}

  @Override
  public void put(String name, boolean[] values) {}

  @Override
  public void put(String name, int[] values) {}

  @Override
  public void put(String name, long[] values) {}

  @Override
  public void put(String name, double[] values) {}

  @Override
  public void put(String name, float[] values, int offset, int length) {}
}
