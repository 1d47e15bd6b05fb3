/** Type of the figures of the page. */

/** One picture: a standalone SVG, and its texts on the page. */
export interface Figure {
  /** File name without extension. */
  readonly name: string;
  readonly section:
    | 'joint'
    | 'medians'
    | 'distribution'
    | 'relations'
    | 'encodings'
    | 'types'
    | 'heatmap'
    | 'sparsity'
    | 'cells'
    | 'embedding';
  readonly title: string;
  /** Caption that says what is drawn and how to read it; plain text. */
  readonly caption: string;
  /** Text alternative for readers who cannot see the picture; plain text. */
  readonly alt: string;
  readonly width: number;
  readonly height: number;
  /** Content of the svg element. */
  readonly body: string;
}
