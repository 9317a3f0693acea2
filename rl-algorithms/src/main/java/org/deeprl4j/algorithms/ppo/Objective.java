package org.deeprl4j.algorithms.ppo;

/** PPO's surrogate objectives, with r_t(θ) = π_θ(a_t|s_t) / π_θold(a_t|s_t). */
public enum Objective {
  /** Ê[min(r_t Â_t, clip(r_t, 1−ε, 1+ε) Â_t)] (Schulman et al. 2017, eq. 7). */
  CLIP,
  /**
   * Ê[r_t Â_t], of conservative policy iteration (eq. 6). Nothing limits the change of the policy,
   * so that with many epochs it moves too far and fails. The other objectives prevent this.
   */
  CPI,
  /** Ê[r_t Â_t − β KL(π_θold ‖ π_θ)] with β fixed (eq. 8). */
  FIXED_KL,
  /** The same, with β adapted to a target divergence (section 4). */
  ADAPTIVE_KL;

  /** Whether the divergence is penalised. */
  boolean penalised() {
    return this == FIXED_KL || this == ADAPTIVE_KL;
  }
}
