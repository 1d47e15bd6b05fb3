/** A figure of the page. */

/** One picture: a standalone SVG, and what the page says of it. */
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
  /** What is drawn and how to read it; plain text. */
  readonly caption: string;
  /** What someone who cannot see it would need to know; plain text. */
  readonly alt: string;
  readonly width: number;
  readonly height: number;
  /** What stands inside the svg element. */
  readonly body: string;
}
