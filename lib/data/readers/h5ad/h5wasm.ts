/** Types of h5wasm. The module itself is loaded when a file is opened. */
export type H5wasm = typeof import('h5wasm/node');
export type H5Module = Awaited<H5wasm['ready']>;
export type H5Metadata = ReturnType<H5Module['get_dataset_metadata']>;
