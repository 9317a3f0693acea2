package org.deeprl4j.envs.rendering;

import java.awt.image.BufferedImage;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageTypeSpecifier;
import javax.imageio.ImageWriter;
import javax.imageio.metadata.IIOMetadata;
import javax.imageio.metadata.IIOMetadataNode;
import javax.imageio.stream.ImageOutputStream;

/** Writes pictures to a GIF file that repeats endlessly. */
public final class AnimatedGif implements Closeable {
  /** Viewers slow down whatever is faster than 50 pictures a second. */
  private static final int LEAST_HUNDREDTHS = 2;

  private final ImageWriter writer = ImageIO.getImageWritersByFormatName("gif").next();
  private final ImageOutputStream stream;
  private final int delay;

  /**
   * Creates the file, or replaces it.
   *
   * @param framesPerSecond more than 50 are written as 50
   * @throws IOException if the file cannot be written
   */
  public AnimatedGif(Path file, double framesPerSecond) throws IOException {
    delay = (int) Math.max(LEAST_HUNDREDTHS, Math.round(100 / framesPerSecond));
    stream = ImageIO.createImageOutputStream(file.toFile());
    if (stream == null) {
      throw new IOException("cannot write " + file);
    }
    stream.setByteOrder(java.nio.ByteOrder.LITTLE_ENDIAN);
    writer.setOutput(stream);
    writer.prepareWriteSequence(null);
  }

  /** Appends a picture; all must have the same size. */
  public void add(BufferedImage image) throws IOException {
    IIOMetadata metadata =
        writer.getDefaultImageMetadata(
            ImageTypeSpecifier.createFromRenderedImage(image), writer.getDefaultWriteParam());
    String format = metadata.getNativeMetadataFormatName();
    IIOMetadataNode root = (IIOMetadataNode) metadata.getAsTree(format);
    IIOMetadataNode control = child(root, "GraphicControlExtension");
    control.setAttribute("disposalMethod", "none");
    control.setAttribute("userInputFlag", "FALSE");
    control.setAttribute("transparentColorFlag", "FALSE");
    control.setAttribute("transparentColorIndex", "0");
    control.setAttribute("delayTime", Integer.toString(delay));
    IIOMetadataNode loop = new IIOMetadataNode("ApplicationExtension");
    loop.setAttribute("applicationID", "NETSCAPE");
    loop.setAttribute("authenticationCode", "2.0");
    loop.setUserObject(new byte[] {1, 0, 0}); // for ever
    child(root, "ApplicationExtensions").appendChild(loop);
    metadata.setFromTree(format, root);
    writer.writeToSequence(new IIOImage(image, null, metadata), writer.getDefaultWriteParam());
  }

  private static IIOMetadataNode child(IIOMetadataNode root, String name) {
    for (int i = 0; i < root.getLength(); i++) {
      if (root.item(i).getNodeName().equals(name)) {
        return (IIOMetadataNode) root.item(i);
      }
    }
    IIOMetadataNode made = new IIOMetadataNode(name);
    root.appendChild(made);
    return made;
  }

  @Override
  public void close() throws IOException {
    try {
      writer.endWriteSequence();
    } finally {
      writer.dispose();
      stream.close();
    }
  }
}
