package org.deeprl4j.state;

/**
 * Something whose state belongs in a checkpoint. After {@code save} and {@code load} an object
 * behaves bit for bit like the saved one.
 */
public interface Stateful {

  /** Writes the complete state as named fields, in a fixed order. */
  void save(StateWriter out);

  /**
   * Reads what {@link #save} wrote, in the same order, into an object built with the same
   * configuration.
   *
   * @throws StateFormatException if a field is missing, of another type or of another length
   */
  void load(StateReader in);
}
