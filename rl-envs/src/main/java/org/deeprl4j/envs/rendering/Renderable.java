package org.deeprl4j.envs.rendering;

import org.deeprl4j.mdp.Mdp;

/** An environment that can be drawn: implement it in yours to have it recorded and viewed. */
public interface Renderable extends Mdp {

  /** The part of the world that is seen; it must not change. */
  View view();

  /**
   * Draws the environment in its current state.
   *
   * @param canvas receives the shapes, those behind first. Modified.
   */
  void draw(Canvas canvas);
}
