package org.deeprl4j.nn;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A convolution as a dense layer over the patches of its pictures: what a filter sees at one place
 * is one row, so that the products are those of a dense layer with many rows.
 */
final class ConvolutionNetwork extends FlatNetwork {
  private final Compute compute;
  private final NetworkSpec.Convolution spec;
  private final Network ofPatch;
  private final float scale;
  private final int places; // of a filter on a picture
  private final int run; // numbers of a patch that follow one another in the picture
  private final int[] runs; // where each run of a patch begins, from the patch's first number
  private final int placeRow; // from the first number of a patch to that of the one below
  private final int placeColumn; // and to the one on its right
  private Tensor patches; // [B · places, kernel² · channels]
  private Tensor output; // [B, places · filters]
  private Tensor predicted; // the same
  private Tensor patchDelta; // [B · places, filters]
  private Tensor inputDelta; // [B, inputs]

  /**
   * A network whose parameters are those of a dense layer.
   *
   * @param ofPatch computes a pixel from what the filters see
   * @param like a tensor of its home and type
   */
  ConvolutionNetwork(Compute compute, NetworkSpec.Convolution spec, Network ofPatch, Tensor like) {
    super(spec, like, List.of(ofPatch));
    this.compute = compute;
    this.spec = spec;
    this.ofPatch = ofPatch;
    scale = (float) spec.scale();
    places = spec.outputHeight() * spec.outputWidth();
    int kernel = spec.kernel();
    int width = spec.width();
    int channels = spec.channels();
    if (spec.channelsFirst()) {
      run = kernel;
      runs = new int[channels * kernel];
      for (int i = 0; i < runs.length; i++) {
        runs[i] = i / kernel * spec.height() * width + i % kernel * width;
      }
      placeColumn = spec.stride();
      placeRow = spec.stride() * width;
    } else {
      run = kernel * channels;
      runs = new int[kernel];
      for (int i = 0; i < runs.length; i++) {
        runs[i] = i * width * channels;
      }
      placeColumn = spec.stride() * channels;
      placeRow = spec.stride() * width * channels;
    }
    patches = like.like(0, ofPatch.inputSize());
    output = like.like(0, spec.outputs());
    predicted = like.like(0, spec.outputs());
    patchDelta = like.like(0, spec.filters());
    inputDelta = like.like(0, spec.inputs());
  }

  @Override
  public Tensor predict(Tensor x) {
    predicted = predicted.ofRows(x.rows());
    return pictures(ofPatch.predict(unfold(x)), predicted);
  }

  @Override
  public Tensor forward(Tensor x) {
    output = output.ofRows(x.rows());
    return pictures(ofPatch.forward(unfold(x)), output);
  }

  /** The same numbers as one row a picture. */
  private Tensor pictures(Tensor pixels, Tensor out) {
    System.arraycopy(pixels.floats(), pixels.offset(), out.floatsForWriting(), 0, out.size());
    return out;
  }

  /** Copies what the filter sees at each place. */
  private Tensor unfold(Tensor x) {
    Shapes.requireColumns("input", x, spec.inputs());
    int rows = x.rows();
    patches = patches.ofRows(rows * places);
    float[] from = x.floats();
    float[] to = patches.floatsForWriting();
    int offset = x.offset();
    halves(
        rows,
        (first, end) -> {
          int p = first * places * patches.columns();
          for (int b = first; b < end; b++) {
            for (int i = 0; i < places; i++) {
              int at = offset + b * spec.inputs() + place(i);
              for (int start : runs) {
                for (int j = 0; j < run; j++) {
                  to[p + j] = scale * from[at + start + j];
                }
                p += run;
              }
            }
          }
        });
    return patches;
  }

  /** Adds what reached each place to the pixels that it saw. */
  private Tensor fold(Tensor patchesDelta, int rows) {
    inputDelta = inputDelta.ofRows(rows);
    inputDelta.fill(0);
    float[] from = patchesDelta.floats();
    float[] to = inputDelta.floatsForWriting();
    halves(
        rows,
        (first, end) -> {
          int p = first * places * patches.columns();
          for (int b = first; b < end; b++) {
            for (int i = 0; i < places; i++) {
              int at = b * spec.inputs() + place(i);
              for (int start : runs) {
                for (int j = 0; j < run; j++) {
                  to[at + start + j] += scale * from[p + j];
                }
                p += run;
              }
            }
          }
        });
    return inputDelta;
  }

  private int place(int i) {
    int columns = spec.outputWidth();
    return i / columns * placeRow + i % columns * placeColumn;
  }

  /** Work on the pictures [first, end), which writes to these pictures alone. */
  private interface Work {
    void on(int first, int end);
  }

  private void halves(int rows, Work work) {
    int middle = rows / 2;
    compute.run(
        (long) rows * places * patches.columns(),
        () -> work.on(0, middle),
        () -> work.on(middle, rows));
  }

  @Override
  public void backward(Tensor outputGradient) {
    ofPatch.backward(pixels(outputGradient));
  }

  @Override
  public Tensor backwardWithInput(Tensor outputGradient) {
    return fold(ofPatch.backwardWithInput(pixels(outputGradient)), outputGradient.rows());
  }

  @Override
  public Tensor inputGradient(Tensor outputGradient) {
    return fold(ofPatch.inputGradient(pixels(outputGradient)), outputGradient.rows());
  }

  /** The same numbers as one row a pixel. */
  private Tensor pixels(Tensor outputGradient) {
    int rows = outputGradient.rows();
    Shapes.requireColumns("output gradient", outputGradient, spec.outputs());
    patchDelta = patchDelta.ofRows(rows * places);
    System.arraycopy(
        outputGradient.floats(),
        outputGradient.offset(),
        patchDelta.floatsForWriting(),
        0,
        rows * spec.outputs());
    return patchDelta;
  }

  @Override
  public Tensor directional(Tensor v, @Nullable Tensor u) {
    throw new UnsupportedOperationException(
        "a convolution has no directional derivative: use dense layers");
  }
}
