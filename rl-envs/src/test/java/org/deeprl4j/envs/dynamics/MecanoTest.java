package org.deeprl4j.envs.dynamics;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import java.util.ArrayList;
import java.util.List;
import org.deeprl4j.random.Rng;
import org.ejml.data.DMatrixRMaj;
import org.junit.jupiter.api.Test;
import us.ihmc.euclid.matrix.Matrix3D;
import us.ihmc.euclid.referenceFrame.ReferenceFrame;
import us.ihmc.euclid.transform.RigidBodyTransform;
import us.ihmc.euclid.tuple3D.Vector3D;
import us.ihmc.mecano.algorithms.CompositeRigidBodyMassMatrixCalculator;
import us.ihmc.mecano.algorithms.ForwardDynamicsCalculator;
import us.ihmc.mecano.multiBodySystem.OneDoFJoint;
import us.ihmc.mecano.multiBodySystem.PrismaticJoint;
import us.ihmc.mecano.multiBodySystem.RevoluteJoint;
import us.ihmc.mecano.multiBodySystem.RigidBody;
import us.ihmc.mecano.multiBodySystem.interfaces.RigidBodyBasics;

/** Against another library's dynamics, IHMC's mecano, on random chains. */
final class MecanoTest {

  /** The chain in mecano's terms; it knows no armature. */
  private static List<OneDoFJoint> build(Chain chain, RigidBodyBasics base) {
    List<OneDoFJoint> joints = new ArrayList<>();
    RigidBodyBasics parent = base;
    for (Body body : chain.bodies()) {
      Vec3 position = body.position();
      Rotation rotation = body.rotation();
      // From the body's frame to that of the joint before, which is at its anchor.
      Vec3 back = Vec3.ZERO;
      for (int j = 0; j < body.joints().size(); j++) {
        Joint joint = body.joints().get(j);
        Vec3 anchor = rotation.apply(joint.anchor());
        RigidBodyTransform transform = new RigidBodyTransform();
        transform.getRotation().set(new Matrix3D(rotation.matrix()));
        transform
            .getTranslation()
            .set(
                position.x() + anchor.x() - back.x(),
                position.y() + anchor.y() - back.y(),
                position.z() + anchor.z() - back.z());
        if (j == 0 && !joints.isEmpty()) {
          Vec3 last = lastAnchor(chain, body);
          transform.getTranslation().sub(new Vector3D(last.x(), last.y(), last.z()));
        }
        Vector3D axis = new Vector3D(joint.axis().x(), joint.axis().y(), joint.axis().z());
        axis.normalize();
        OneDoFJoint made =
            joint.type() == Joint.Type.REVOLUTE
                ? new RevoluteJoint(joint.name(), parent, transform, axis)
                : new PrismaticJoint(joint.name(), parent, transform, axis);
        joints.add(made);
        boolean carries = j == body.joints().size() - 1;
        Vec3 com = body.com().minus(joint.anchor());
        parent =
            new RigidBody(
                body.name() + j,
                made,
                carries ? inertia(body) : new Matrix3D(),
                carries ? body.mass() : 0,
                new Vector3D(com.x(), com.y(), com.z()));
        position = Vec3.ZERO;
        rotation = Rotation.NONE;
        back = joint.anchor();
      }
    }
    return joints;
  }

  private static Vec3 lastAnchor(Chain chain, Body of) {
    Body before = chain.bodies().get(chain.bodies().indexOf(of) - 1);
    return before.joints().get(before.joints().size() - 1).anchor();
  }

  private static Matrix3D inertia(Body body) {
    Matrix3D axes = new Matrix3D(body.inertiaRotation().matrix());
    Matrix3D inertia = new Matrix3D();
    inertia.setToDiagonal(body.inertia().x(), body.inertia().y(), body.inertia().z());
    inertia.preMultiply(axes);
    inertia.multiplyTransposeOther(axes);
    return inertia;
  }

  @Test
  void accelerationsAndMassMatrix() {
    Rng random = new Rng(7);
    for (int k = 0; k < 20; k++) {
      Chain chain = Chains.random(random, 5).withJoints(j -> j.withDrive(0, 0));
      RigidBodyBasics base = new RigidBody("base", ReferenceFrame.getWorldFrame());
      List<OneDoFJoint> joints = build(chain, base);
      ChainDynamics dynamics = new ChainDynamics(chain);
      int n = dynamics.size();
      double[] q = Chains.draw(random, n, 2);
      double[] qd = Chains.draw(random, n, 2);
      double[] tau = Chains.draw(random, n, 10);
      for (int i = 0; i < n; i++) {
        joints.get(i).setQ(q[i]);
        joints.get(i).setQd(qd[i]);
      }
      base.updateFramesRecursively();

      CompositeRigidBodyMassMatrixCalculator composite =
          new CompositeRigidBodyMassMatrixCalculator(base);
      composite.reset();
      double[] m = new double[n * n];
      dynamics.massMatrix(q, m);
      assertArrayEquals(new DMatrixRMaj(composite.getMassMatrix()).data, m, 1e-10);

      ForwardDynamicsCalculator forward = new ForwardDynamicsCalculator(base);
      Vec3 g = chain.gravity();
      forward.setGravitationalAcceleration(new Vector3D(g.x(), g.y(), g.z()));
      forward.compute(new DMatrixRMaj(n, 1, true, tau));
      double[] expected = forward.getJointAccelerationMatrix().data;
      double[] found = new double[n];
      dynamics.forward(q, qd, tau, found);
      double scale = 0;
      for (double value : expected) {
        scale = Math.max(scale, Math.abs(value));
      }
      assertArrayEquals(expected, found, 1e-8 * scale);
    }
  }
}
