"""Writes models.json: small models, each with one construct, and their motion in MuJoCo 4.0.

    pip install mujoco && python models.py
"""

import json
import re

import mujoco
import numpy as np

BASE = """<mujoco model="{name}">
  {top}
  <worldbody>{world}
    <body name="a" pos="0 0 1" {a}>
      <inertial mass="2" pos="0 0 -0.3" diaginertia="0.1 0.1 0.02"/>
      <joint name="j1" axis="0 1 0" {j1}/>{ina}
      <body name="b" pos="0 0 -0.6" {b}>
        {inertial}
        <joint name="j2" axis="1 0 0" {j2}/>{inb}
      </body>
    </body>{after}
  </worldbody>{bottom}
</mujoco>
"""
INERTIAL = '<inertial mass="1" pos="0.1 0 -0.2" diaginertia="0.05 0.05 0.01"/>'


def model(name, **parts):
    slots = dict.fromkeys(re.findall(r"{(\w+)}", BASE), "")
    slots |= {"name": name, "inertial": INERTIAL} | parts
    return BASE.format(**slots)


def option(text):
    return f"<option>{text}</option>"


GEOM = 'contype="0" conaffinity="0"'
CLASSES = """<default><joint damping="0.1"/>
  <default class="arm"><joint damping="0.5" armature="0.02"/>
    <default class="light"><joint damping="0.2"/></default></default></default>"""

MODELS = [
    model("base"),
    model("gravity", top='<option gravity="1 2 -3"/>'),
    model("weightless", top=option('<flag gravity="disable"/>')),
    model("asset", top='<asset><material name="grey" rgba="0.5 0.5 0.5 1"/></asset><visual><global offwidth="640"/></visual>'
          '<statistic extent="1"/><size njmax="100"/><custom><numeric name="n" data="1"/></custom>'
          '<compiler meshdir="assets"/><option timestep="0.01" wind="1 0 0" integrator="implicitfast"/>',
          world='<light pos="0 0 3"/><camera name="c" pos="0 0 3"/><geom type="plane" size="1 1 1" ' + GEOM + '/>',
          bottom='<keyframe><key name="home" qpos="0.1 -0.2"/></keyframe><sensor><jointpos joint="j1"/></sensor>'
          '<contact><exclude body1="a" body2="b"/></contact>'),
    model("visual geoms", inb='<geom type="capsule" size="0.03" fromto="0 0 0 0 0 -0.4" ' + GEOM + '/>'),
    model("main class", top='<default class="main"><joint damping="0.5"/><geom rgba="1 0 0 1"/></default>'),
    model("nested classes", top=CLASSES, j1='class="light"', j2='class="arm"'),
    model("child class", top=CLASSES, a='childclass="arm"'),
    model("inner child class", top=CLASSES, a='childclass="arm"', b='childclass="light"'),
    model("class over child class", top=CLASSES, a='childclass="arm"', j2='class="main"'),
    model("euler", b='euler="10 90 -20"'),
    model("euler in radian", top='<compiler angle="radian"/>', b='euler="0.1 1.5 -0.2"'),
    model("euler zyx", top='<compiler eulerseq="zyx"/>', b='euler="10 90 -20"'),
    model("euler about fixed axes", top='<compiler eulerseq="XYZ"/>', b='euler="10 90 -20"'),
    model("euler mixed", top='<compiler eulerseq="xYz"/>', b='euler="10 50 -20"'),
    model("axisangle", b='axisangle="0 1 2 40"'),
    model("xyaxes", b='xyaxes="1 0.2 0 0.5 1 0.3"'),
    model("xyaxes backwards", b='xyaxes="-1 0.2 0 0.5 1 0.3"'),
    model("xyaxes upside down", b='xyaxes="1 0 0.1 0 -1 0"'),
    model("zaxis", b='zaxis="1 0.2 -0.5"'),
    model("zaxis down", b='zaxis="0 0 -2"'),
    model("quat", b='quat="1 2 -1 0.5"'),
    model("full inertia", inertial='<inertial mass="1" pos="0.1 0 -0.2" fullinertia="0.05 0.06 0.03 0.01 -0.004 0.002"/>'),
    model("turned inertia", inertial='<inertial mass="1" pos="0.1 0 -0.2" diaginertia="0.05 0.06 0.02" euler="20 30 40"/>'),
    model("reference and spring", j1='ref="20" stiffness="2"', j2='ref="-10" stiffness="3" springref="40"'),
    model("sliding reference", j2='type="slide" ref="0.2" stiffness="3" springref="0.4" pos="0.1 0 0"'),
    model("springs off", top=option('<flag spring="disable"/>'), j1='stiffness="2" damping="0.3"'),
    model("dampers off", top=option('<flag damper="disable"/>'), j1='stiffness="2" damping="0.3"'),
    model("armature", j1='armature="0.3"', j2='armature="0.1" damping="0.2"'),
    model("dry friction slides", j1='frictionloss="0.1"', j2='frictionloss="0.05"'),
    model("dry friction sticks", j1='frictionloss="40"', j2='frictionloss="30"'),
    model("dry friction does both", j1='frictionloss="0.2"', j2='frictionloss="90" damping="0.1"'),
    model("dry friction off", top=option('<flag frictionloss="disable"/>'), j1='frictionloss="0.1"'),
    model("constraints off", top=option('<flag constraint="disable"/>'),
          j1='frictionloss="0.1" range="-0.01 0.01"', inb='<geom size="0.1"/>', world='<geom type="plane" size="1 1 1"/>'),
    model("limits off", top=option('<flag limit="disable"/>'), j1='range="-1 1"'),
    model("unlimited", j1='limited="false" range="-1 1"'),
    model("force range", j1='actuatorfrcrange="-87 87"', bottom='<actuator><general joint="j2" forcerange="-10 12" gear="2"/></actuator>'),
    model("fixed base", top="", world='<body name="base" pos="0.1 0.2 0.3" euler="0 0 40">' + INERTIAL, after='</body>'),
    model("welded parts", inb='<body name="c" pos="0.1 0 -0.3" euler="30 0 0"><inertial mass="0.5" pos="0.05 0 0" diaginertia="0.01 0.02 0.015"/>'
          '<body name="d" pos="0 0.1 0" quat="1 1 0 0"><inertial mass="0.3" pos="0 0 0.1" diaginertia="0.002 0.002 0.001"/><site name="tip" pos="0 0 0.2"/></body></body>'),
    model("frames", inb='<frame pos="0 0 -0.1" euler="0 20 0"><body name="c" pos="0.1 0 -0.3"><inertial mass="0.5" pos="0.05 0 0" diaginertia="0.01 0.02 0.015"/></body></frame>'),
    model("sphere", inertial='<geom size="0.1" pos="0.1 0 -0.2" ' + GEOM + '/>'),
    model("capsule", inertial='<geom type="capsule" size="0.05 0.2" pos="0.1 0 -0.2" euler="10 20 30" ' + GEOM + '/>'),
    model("capsule from to", inertial='<geom type="capsule" size="0.05" fromto="0 0 0 0.1 0.05 -0.4" mass="1.5" ' + GEOM + '/>'),
    model("cylinder", inertial='<geom type="cylinder" size="0.05 0.2" density="500" pos="0.1 0 -0.2" ' + GEOM + '/>'),
    model("box", inertial='<geom type="box" size="0.05 0.1 0.2" pos="0.1 0 -0.2" euler="0 30 0" ' + GEOM + '/>'),
    model("box from to", inertial='<geom type="box" size="0.05" fromto="0 0 0 0.1 0.05 -0.4" ' + GEOM + '/>'),
    model("ellipsoid", inertial='<geom type="ellipsoid" size="0.05 0.1 0.2" pos="0.1 0 -0.2" ' + GEOM + '/>'),
    model("two geoms", inertial='<geom type="box" size="0.05 0.1 0.2" euler="0 30 0" ' + GEOM + '/><geom size="0.1" mass="0.7" pos="0 0.1 -0.3" ' + GEOM + '/>'
          '<geom size="0.3" mass="0" ' + GEOM + '/>'),
    model("inertia from geoms", top='<compiler inertiafromgeom="true"/>', ina='<geom size="0.1" ' + GEOM + '/>', inb='<geom size="0.1" pos="0 0 -0.1" ' + GEOM + '/>'),
    model("inertia groups", top='<compiler inertiagrouprange="0 1"/>',
          inertial='<geom size="0.1" ' + GEOM + '/><geom size="0.2" pos="0 0 -0.1" group="2" ' + GEOM + '/>'),
    model("geom class", top='<default><geom type="box" size="0.05 0.1 0.2" density="800" ' + GEOM + '/></default>', inertial='<geom pos="0.1 0 -0.2"/>'),
    model("geom in a frame", inertial='<frame pos="0 0 -0.2" euler="20 0 0"><geom type="box" size="0.05 0.1 0.2" pos="0.1 0 0" ' + GEOM + '/></frame>'),
    model("inactive equality", bottom='<equality><joint joint1="j1" joint2="j2" active="false"/></equality>'
          '<tendon><fixed name="t"><joint joint="j1" coef="1"/></fixed></tendon>'),
    model("equality off", top=option('<flag equality="disable"/>'), bottom='<equality><joint joint1="j1" joint2="j2"/></equality>'),
]


def motion(xml):
    m = mujoco.MjModel.from_xml_string(xml)
    m.opt.timestep = 1e-3
    m.opt.integrator = mujoco.mjtIntegrator.mjINT_RK4
    m.opt.solver = mujoco.mjtSolver.mjSOL_NEWTON
    m.opt.tolerance = 0
    m.opt.iterations = 1000
    d = mujoco.MjData(m)
    cases = []
    for q, qd, tau in (([0.05, 0.1], [0.5, 0.3], [0, 0]), ([1.2, -0.7], [-2, 3], [4, -2])):
        mujoco.mj_resetData(m, d)
        d.qpos[:] = q
        d.qvel[:] = qd
        d.qfrc_applied[:] = tau
        mujoco.mj_forward(m, d)
        case = {"q": q, "qd": qd, "tau": tau, "qacc": d.qacc.tolist(), "b": d.xpos[m.body("b").id].tolist()}
        mujoco.mj_step(m, d)
        cases.append(case | {"nextQ": d.qpos.tolist(), "nextQd": d.qvel.tolist()})
    return cases


if __name__ == "__main__":
    models = []
    for xml in MODELS:
        name = re.search('model="(.*?)"', xml).group(1)
        models.append({"name": name, "xml": xml, "cases": motion(xml)})
    with open("models.json", "w") as f:
        json.dump(models, f, indent=1)
    print(len(models), "models")
