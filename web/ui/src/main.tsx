import { createRoot } from 'react-dom/client'
import 'uplot/dist/uPlot.min.css'
import './app.css'
import { App } from './App'
import { applyTheme } from './data/theme'

applyTheme()
const root = document.getElementById('app')
if (root) createRoot(root).render(<App />)
