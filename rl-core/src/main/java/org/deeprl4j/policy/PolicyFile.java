package org.deeprl4j.policy;

import com.fasterxml.jackson.core.JsonProcessingException;
import java.io.IOException;
import java.nio.file.Path;
import org.deeprl4j.nn.Compute;
import org.deeprl4j.nn.NetworkSpec;
import org.deeprl4j.space.Space;
import org.deeprl4j.state.StateFile;
import org.deeprl4j.state.StateFormatException;
import org.deeprl4j.state.StateReader;
import org.deeprl4j.state.StateWriter;
import org.deeprl4j.state.Stateful;
import org.jspecify.annotations.Nullable;

/**
 * A policy on disk: its description (spaces, network, normalisation) as JSON, and its numbers. It
 * can act without the algorithm and the environment that it was trained with.
 */
public final class PolicyFile {
  private static final String KIND = "policy";

  /**
   * The maximum number of parameters, checked before anything is allocated: 256 million, a
   * gigabyte.
   */
  private static final long MOST_PARAMETERS = 1L << 28;

  private PolicyFile() {}

  /** The description of a policy in its file. */
  record Description(
      Space observationSpace,
      Space actionSpace,
      boolean normalizeObservations,
      NetworkSpec network,
      int firstColumn,
      NetworkPolicy.Head head) {}

  /**
   * Writes a policy, first under a temporary name.
   *
   * @throws IllegalArgumentException if it is not a {@link NetworkPolicy}, the only kind a file can
   *     hold
   */
  public static void write(Path file, Policy policy) throws IOException {
    if (!(policy instanceof NetworkPolicy network)) {
      throw new IllegalArgumentException(
          "a policy file holds a NetworkPolicy, not a " + policy.getClass().getName());
    }
    StateFile.write(file, KIND, new Content(network, null));
  }

  /**
   * Reads a policy to act with, on any number of threads. It needs neither ND4J nor an option of
   * the JVM, unless its network is DL4J's own.
   *
   * @throws StateFormatException if the file is damaged or not a policy
   */
  public static DeployedPolicy read(Path file) throws IOException {
    return new DeployedPolicy(read(file, Compute.light()));
  }

  /**
   * Reads a policy, with its network.
   *
   * @param compute runs its network
   * @throws StateFormatException if the file is damaged or not a policy
   */
  public static NetworkPolicy read(Path file, Compute compute) throws IOException {
    Content content = new Content(null, compute);
    StateFile.read(file, KIND, content);
    NetworkPolicy policy = content.policy;
    if (policy == null) {
      throw new StateFormatException(file + " holds no policy");
    }
    return policy;
  }

  private static final class Content implements Stateful {
    private @Nullable NetworkPolicy policy;
    private final @Nullable Compute compute;

    Content(@Nullable NetworkPolicy policy, @Nullable Compute compute) {
      this.policy = policy;
      this.compute = compute;
    }

    @Override
    public void save(StateWriter out) {
      NetworkPolicy p = policy;
      if (p == null) {
        throw new IllegalStateException("no policy to save");
      }
      Description description =
          new Description(
              p.observationSpace(),
              p.actionSpace(),
              p.encoder().normalizes(),
              p.network().spec(),
              p.firstColumn(),
              p.head());
      try {
        out.put("description", Descriptions.JSON.writeValueAsString(description));
      } catch (JsonProcessingException e) {
        throw new IllegalStateException("cannot describe the policy", e);
      }
      out.put("numbers", p);
    }

    @Override
    public void load(StateReader in) {
      Compute c = compute;
      if (c == null) {
        throw new IllegalStateException("no kernels to run the policy");
      }
      Description d;
      try {
        d = Descriptions.JSON.readValue(in.getString("description"), Description.class);
      } catch (JsonProcessingException e) {
        throw new StateFormatException(
            "the policy's description is not valid: " + e.getOriginalMessage(), e);
      }
      if (d.network().parameterCount() > MOST_PARAMETERS) {
        throw new StateFormatException(
            "the policy's network has "
                + d.network().parameterCount()
                + " parameters, more than "
                + MOST_PARAMETERS);
      }
      NetworkPolicy p;
      try {
        p =
            new NetworkPolicy(
                c,
                new ObservationEncoder(d.observationSpace(), d.normalizeObservations()),
                d.actionSpace(),
                c.network(d.network()),
                d.firstColumn(),
                d.head());
      } catch (IllegalArgumentException e) {
        throw new StateFormatException(
            "the policy's description does not fit together: " + e.getMessage(), e);
      }
      in.get("numbers", p);
      policy = p;
    }
  }
}
