package org.deeprl4j.optim;

import org.deeprl4j.distributions.ActionDistribution;
import org.deeprl4j.distributions.Categorical;
import org.deeprl4j.nn.Network;
import org.deeprl4j.nn.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Products with the Fisher information of a policy, H = ∇²_θ Ê[KL(π_old(·|s) ‖ π_θ(·|s))] at θ_old.
 *
 * <p>There the gradient of the KL by the network's output z is 0, so that its Hessian by θ has only
 * the Gauss-Newton term, Ê[Jᵀ F(z) J] with J = ∂z/∂θ and F(z) the distribution's own Fisher
 * information: Hv is a directional derivative Jv, a product with F in z's space and a backward
 * pass. H itself is never formed, and nothing is approximated (Schulman et al. 2015, appendix C.1).
 *
 * <p>Uses the network's gradient as its workspace; not thread-safe.
 */
public final class FisherProduct implements ConjugateGradient.Operator {
  private final Network policy;
  private final ActionDistribution distribution;
  private final Tensor product;
  private Tensor weighted;
  private float[] z = new float[0];
  private int rows;
  private double damping;

  /**
   * Products for a policy.
   *
   * @param policy outputs z, [B, parameterSize]
   */
  public FisherProduct(Network policy, ActionDistribution distribution) {
    this.policy = policy;
    this.distribution = distribution;
    Tensor parameters = policy.parameters();
    product = parameters.like(1, parameters.size());
    weighted = parameters.like(0, policy.outputSize());
  }

  /**
   * Sets the point: the network's current parameters and these states. Neither may change, nor the
   * network be used otherwise, while products are taken.
   *
   * @param observations [B, in]; not modified
   * @param newDamping added to H's diagonal, ≥ 0
   */
  public void at(Tensor observations, double newDamping) {
    at(observations, null, newDamping);
  }

  /**
   * As above, where some actions are forbidden.
   *
   * @param forbidding [B, parameterSize], −∞ where z is to be; null where nothing is forbidden; not
   *     modified
   */
  public void at(Tensor observations, float @Nullable [] forbidding, double newDamping) {
    damping = newDamping;
    rows = observations.rows();
    int size = rows * policy.outputSize();
    Tensor output = policy.forward(observations);
    if (z.length < size) {
      z = new float[size];
    }
    System.arraycopy(output.floats(), 0, z, 0, size);
    if (forbidding != null) {
      Categorical.forbidAs(forbidding, z, size);
    }
    if (weighted.rows() != rows) {
      weighted = weighted.like(rows, policy.outputSize());
    }
  }

  /**
   * (H + damping·I)·v.
   *
   * @param v [1, P]; not modified
   * @return [1, P], valid until the next call
   * @throws UnsupportedOperationException if the network has no directional derivative
   */
  @Override
  public Tensor apply(Tensor v) {
    float[] tangent = policy.directional(v).floats();
    float[] out = weighted.floatsForWriting();
    distribution.fisherProduct(z, tangent, rows, out);
    for (int i = 0; i < rows * policy.outputSize(); i++) {
      out[i] /= rows;
    }
    policy.gradient().fill(0);
    policy.backward(weighted);
    product.copyFrom(policy.gradient());
    product.axpy(damping, v);
    return product;
  }
}
