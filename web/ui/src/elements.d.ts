import type { DetailedHTMLProps, HTMLAttributes } from 'react'
import type { MereonScene } from './scene/element'

type SceneProps = DetailedHTMLProps<HTMLAttributes<MereonScene>, MereonScene> & {
  src: string
  view?: string
  selected?: string
  hovered?: string
  parameters?: string
  theme?: string
}

declare module 'react' {
  namespace JSX {
    interface IntrinsicElements { 'mereon-scene': SceneProps }
  }
}

declare global {
  interface HTMLElementTagNameMap { 'mereon-scene': MereonScene }
}
