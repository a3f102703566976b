"""Image inpainting in Keras 3: a course, and the module it imports."""
