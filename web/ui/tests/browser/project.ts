import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { boxesGlb } from '../mock/boxes'

const boxes = 3
const beat = 500 // ms between two rows of a series

const files: Record<string, string> = {
  'mereon.yaml': `project: boxes
connectors:
  plant: {kind: file, path: values.csv, ref: "{id}", staleAfter: 4s, poll: 500ms}
`,
  'model/box.graphql': `type Box @asset {
  serialNumber: String! @unique
  load: Float @live(connector: "plant", ref: "{serialNumber}", every: "1s", staleAfter: "4s") @unit(code: "%")
}
`,
  'rules/load.yaml': `ruleSet: load
on: Box
inputs: {x: load}
states:
  - {state: alarm, when: "x > 90.0"}
  - {state: ok}
`,
  'scenes/boxes.yaml': `scene: boxes
title: Boxes
documents:
  - {id: boxes, file: assets/boxes.glb}
templates:
  - every: {type: Box}
    node: {document: boxes, extras: {id: "{serialNumber}"}}
    effects:
      - {color: {rule: load}}
      - {tag: {text: "{load} %", icon: {rule: load}}}
views:
  overview: {position: [0, 5, 10], target: [0, 0.5, 0]}
`,
  'entities/boxes.yaml': Array.from({ length: boxes }, (_, i) => `- {assetType: Box, id: box-${i}, name: Box ${i}, serialNumber: B-${i}}\n`).join(''),
}

/** A project folder of its own whose values are a file that grows while it is fed. */
export class BoxProject {
  readonly folder = mkdtempSync(join(tmpdir(), 'mereon-boxes-'))
  private readonly values = Array<number>(boxes).fill(50)
  private timer: ReturnType<typeof setInterval> | undefined

  constructor() {
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(join(this.folder, name, '..'), { recursive: true })
      writeFileSync(join(this.folder, name), text)
    }
    mkdirSync(join(this.folder, 'assets'))
    writeFileSync(join(this.folder, 'assets/boxes.glb'), boxesGlb(boxes))
    writeFileSync(join(this.folder, 'values.csv'), 'time,id,value\n')
    this.write()
  }

  /** Sets the value of a box; it is written at once, and again with every beat. */
  set(box: number, value: number): void {
    this.values[box] = value
    this.write()
  }

  /** Adds lines to mereon.yaml; for a service that is not started yet. */
  configure(lines: string): void { appendFileSync(join(this.folder, 'mereon.yaml'), lines) }

  feed(): void { this.timer ??= setInterval(() => this.write(), beat) }

  stop(): void {
    clearInterval(this.timer)
    this.timer = undefined
  }

  remove(): void {
    this.stop()
    rmSync(this.folder, { recursive: true, force: true })
  }

  private write(): void {
    const now = new Date().toISOString()
    appendFileSync(join(this.folder, 'values.csv'), this.values.map((value, i) => `${now},B-${i},${value.toFixed(1)}\n`).join(''))
  }
}
