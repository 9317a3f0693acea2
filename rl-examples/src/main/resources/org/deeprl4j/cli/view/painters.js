// Draws frames of recorded episodes on a canvas: flat ones in 2D, solid ones with three.js, an environment's own
// pictures as they are. A shape is [kind, colour, size, points, text], as org.deeprl4j.envs.rendering.Shape has it.

const [LINE, POLYGON, BALL, TEXT] = [0, 1, 2, 3];
const colour = (rgb) => "#" + rgb.toString(16).padStart(6, "0");

class Flat {
  constructor(stage, view) {
    this.stage = stage;
    this.view = view;
    this.context = stage.getContext("2d");
    this.scale = Math.min(stage.width / view.width, (stage.height * 1.5) / view.width);
  }

  x(value) {
    return this.stage.width / 2 + this.scale * (value - this.view.center[0]);
  }

  y(value) {
    return this.stage.height / 2 - this.scale * (value - this.view.center[1]);
  }

  trace(points) {
    this.context.beginPath();
    for (let i = 0; i < points.length; i += 2) {
      this.context.lineTo(this.x(points[i]), this.y(points[i + 1]));
    }
  }

  show(frame) {
    const c = this.context;
    c.clearRect(0, 0, this.stage.width, this.stage.height);
    c.lineCap = c.lineJoin = "round";
    c.textAlign = "center";
    c.textBaseline = "middle";
    for (const [kind, rgb, size, points, text] of frame) {
      c.fillStyle = c.strokeStyle = colour(rgb);
      if (kind === LINE) {
        c.lineWidth = this.scale * size;
        this.trace(points);
        c.stroke();
      } else if (kind === POLYGON) {
        this.trace(points);
        c.fill();
      } else if (kind === BALL) {
        c.beginPath();
        c.arc(this.x(points[0]), this.y(points[1]), this.scale * size, 0, 2 * Math.PI);
        c.fill();
      } else if (kind === TEXT) {
        c.font = `${this.scale * size}px sans-serif`;
        c.fillText(text, this.x(points[0]), this.y(points[1]));
      }
    }
  }
}

class Painted {
  constructor(stage) {
    this.stage = stage;
    this.context = stage.getContext("2d");
    this.cache = new Map();
  }

  show(frame) {
    let image = this.cache.get(frame);
    if (!image) {
      if (this.cache.size > 2000) this.cache.clear();
      image = new Image();
      image.src = frame;
      this.cache.set(frame, image);
    }
    const draw = () => {
      const stage = this.stage;
      const scale = Math.min(stage.width / image.width, stage.height / image.height);
      this.context.clearRect(0, 0, stage.width, stage.height);
      const [w, h] = [image.width * scale, image.height * scale];
      this.context.drawImage(image, (stage.width - w) / 2, (stage.height - h) / 2, w, h);
    };
    if (image.complete) draw();
    else image.onload = draw;
  }
}

class Solid {
  static async create(stage, view) {
    const three = await import("three");
    const { OrbitControls } = await import("three/addons/controls/OrbitControls.js");
    return new Solid(stage, view, three, OrbitControls);
  }

  constructor(stage, view, three, OrbitControls) {
    this.three = three;
    this.renderer = new three.WebGLRenderer({ canvas: stage, antialias: true, preserveDrawingBuffer: true });
    this.renderer.setSize(stage.width, stage.height, false);
    this.scene = new three.Scene();
    this.scene.background = new three.Color(0xffffff);
    this.scene.add(new three.HemisphereLight(0xffffff, 0x909498, 2.2));
    const sun = new three.DirectionalLight(0xffffff, 1.6);
    sun.position.set(2, -1, 4);
    this.scene.add(sun);
    this.camera = new three.PerspectiveCamera(35, stage.width / stage.height, 0.01, 100);
    this.camera.up.set(0, 0, 1);
    const [x, y, z] = view.center;
    const distance = 1.15 * view.width;
    this.camera.position.set(x + 0.6 * distance, y - 0.75 * distance, z + 0.35 * distance);
    this.controls = new OrbitControls(this.camera, stage);
    this.controls.target.set(x, y, z);
    this.controls.update();
    this.controls.addEventListener("change", () => this.render());
    this.rod = new three.CylinderGeometry(0.5, 0.5, 1, 20);
    this.sphere = new three.SphereGeometry(1, 24, 16);
    this.materials = new Map();
    this.shapes = new three.Group();
    this.scene.add(this.shapes);
  }

  material(rgb) {
    if (!this.materials.has(rgb)) {
      this.materials.set(rgb, new this.three.MeshStandardMaterial({ color: rgb, roughness: 0.6 }));
    }
    return this.materials.get(rgb);
  }

  ball(rgb, radius, x, y, z) {
    const mesh = new this.three.Mesh(this.sphere, this.material(rgb));
    mesh.scale.setScalar(radius);
    mesh.position.set(x, y, z);
    this.shapes.add(mesh);
  }

  limb(rgb, width, from, to) {
    const { Mesh, Vector3 } = this.three;
    const along = new Vector3().subVectors(to, from);
    const length = along.length();
    if (length > 1e-6) {
      const mesh = new Mesh(this.rod, this.material(rgb));
      mesh.scale.set(width, length, width);
      mesh.position.copy(from).addScaledVector(along, 0.5);
      mesh.quaternion.setFromUnitVectors(new Vector3(0, 1, 0), along.normalize());
      this.shapes.add(mesh);
    }
    this.ball(rgb, width / 2, from.x, from.y, from.z);
    this.ball(rgb, width / 2, to.x, to.y, to.z);
  }

  show(frame) {
    this.shapes.clear();
    const { Vector3 } = this.three;
    for (const [kind, rgb, size, points] of frame) {
      if (kind === LINE) {
        for (let i = 3; i < points.length; i += 3) {
          this.limb(rgb, size, new Vector3(...points.slice(i - 3, i)), new Vector3(...points.slice(i, i + 3)));
        }
      } else if (kind === BALL) {
        this.ball(rgb, size, ...points);
      }
    }
    this.render();
  }

  render() {
    this.renderer.render(this.scene, this.camera);
  }

  /** Gives the graphics memory back: a browser has room for few such pictures. */
  dispose() {
    this.controls.dispose();
    this.renderer.dispose();
    this.renderer.forceContextLoss();
  }
}

/** What draws the frames of a recording on a canvas that nothing else has drawn on. */
export async function painter(stage, view) {
  return !view ? new Painted(stage) : view.solid ? await Solid.create(stage, view) : new Flat(stage, view);
}
