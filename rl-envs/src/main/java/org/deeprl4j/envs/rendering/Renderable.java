package org.deeprl4j.envs.rendering;

import org.deeprl4j.mdp.Mdp;

/** An environment that can be drawn: implement it in yours to have it recorded and viewed. */
public interface Renderable extends Mdp {

  /** What part of the world is seen, constant over the environment's life. */
  View view();

  /**
   * Draws the environment as it stands between two steps.
   *
   * @param canvas receives the shapes, those behind first. Modified.
   */
  void draw(Canvas canvas);
}
