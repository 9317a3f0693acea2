package org.deeprl4j.policy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.deeprl4j.nn.Compute;
import org.deeprl4j.nn.NetworkSpec;
import org.deeprl4j.space.Space;
import org.deeprl4j.state.DivergenceException;
import org.deeprl4j.state.FiniteState;
import org.deeprl4j.state.StateFile;
import org.deeprl4j.state.StateFormatException;
import org.deeprl4j.state.StateReader;
import org.deeprl4j.state.StateWriter;
import org.deeprl4j.state.Stateful;
import org.deeprl4j.state.WholeFile;
import org.jspecify.annotations.Nullable;

/**
 * A policy on disk: its description (spaces, network, normalisation) as JSON, and its numbers. It
 * can act without the algorithm and the environment that it was trained with.
 */
public final class PolicyFile {
  private static final String KIND = "policy";

  /** The longest observation or action; one need not have parameters of its own. */
  private static final int MOST_INPUTS = 1 << 24;

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
   * @throws IllegalArgumentException if it is neither a {@link NetworkPolicy} nor a {@link
   *     DeployedPolicy}, the only kinds a file can hold
   * @throws DivergenceException if a number of it is not finite; the file stays as it was
   */
  public static void write(Path file, Policy policy) throws IOException {
    StateFile.write(file, KIND, new Content(network(policy), null, 0));
  }

  /** What reading a file would give to which a policy has been written. */
  static NetworkPolicy copy(Policy policy) {
    byte[] bytes = StateFile.toBytes(KIND, new Content(network(policy), null, 0));
    Content content = new Content(null, Compute.light(), bytes.length);
    StateFile.fromBytes(bytes, KIND, content);
    return content.policy("the copy");
  }

  private static NetworkPolicy network(Policy policy) {
    if (policy instanceof NetworkPolicy network) {
      return network;
    }
    if (policy instanceof DeployedPolicy deployed) {
      return deployed.original();
    }
    throw new IllegalArgumentException(
        "a policy file holds a NetworkPolicy or a DeployedPolicy, not a "
            + policy.getClass().getName());
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
   * @throws StateFormatException if the file is damaged, not a policy or one whose numbers are not
   *     finite
   */
  public static NetworkPolicy read(Path file, Compute compute) throws IOException {
    WholeFile.requireRegular(file);
    Content content = new Content(null, compute, Files.size(file));
    StateFile.read(file, KIND, content);
    return content.policy(file.toString());
  }

  /** What a file says of a policy beside its numbers, as JSON: spaces, network and head. */
  public static String describe(NetworkPolicy p) {
    Description description =
        new Description(
            p.observationSpace(),
            p.actionSpace(),
            p.encoder().normalizes(),
            p.network().spec(),
            p.firstColumn(),
            p.head());
    return Descriptions.write(description);
  }

  private static final class Content implements Stateful {
    private @Nullable NetworkPolicy policy;
    private final @Nullable Compute compute;
    private final long bytes; // of the file to read

    Content(@Nullable NetworkPolicy policy, @Nullable Compute compute, long bytes) {
      this.policy = policy;
      this.compute = compute;
      this.bytes = bytes;
    }

    /** What has been loaded. */
    NetworkPolicy policy(String from) {
      NetworkPolicy loaded = policy;
      if (loaded == null) {
        throw new StateFormatException(from + " holds no policy");
      }
      return loaded;
    }

    @Override
    public void save(StateWriter out) {
      NetworkPolicy p = policy;
      if (p == null) {
        throw new IllegalStateException("no policy to save");
      }
      out.put("description", describe(p));
      out.put("numbers", new FiniteState(p));
    }

    @Override
    public void load(StateReader in) {
      Compute c = compute;
      if (c == null) {
        throw new IllegalStateException("no kernels to run the policy");
      }
      Description d =
          Descriptions.read(in.getString("description").getBytes(StandardCharsets.UTF_8));
      NetworkPolicy p;
      try {
        p = build(c, d);
      } catch (IllegalArgumentException | ArithmeticException e) {
        throw new StateFormatException(
            "the policy's description does not fit together: " + e.getMessage(), e);
      }
      in.get("numbers", new FiniteState(p));
      policy = p;
    }

    /** Believes no size before it has been compared with the file's. */
    private NetworkPolicy build(Compute c, Description d) {
      int parameters = d.network().parameterCount();
      if (parameters > Compute.MOST_PARAMETERS || parameters > bytes / Float.BYTES) {
        throw new StateFormatException(
            "the policy's network has %d parameters, more than a file of %d bytes holds"
                .formatted(parameters, bytes));
      }
      requireSize("inputs of its network", d.network().inputs());
      requireSize("numbers in an observation", d.observationSpace().size());
      requireSize("numbers in an action", d.actionSpace().size());
      int choices = new ObservationEncoder(d.actionSpace(), false).size();
      if (choices > d.network().outputs()) {
        throw new StateFormatException(
            "the policy's network has %d outputs, which are too few for %s"
                .formatted(d.network().outputs(), d.actionSpace()));
      }
      return new NetworkPolicy(
          c,
          new ObservationEncoder(d.observationSpace(), d.normalizeObservations()),
          d.actionSpace(),
          c.network(d.network()),
          d.firstColumn(),
          d.head());
    }

    private static void requireSize(String what, int size) {
      if (size > MOST_INPUTS) {
        throw new StateFormatException(
            "the policy has %d %s, more than %d".formatted(size, what, MOST_INPUTS));
      }
    }
  }
}
