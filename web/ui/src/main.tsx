import { createRoot } from 'react-dom/client'
import './scene'

const scene = location.pathname.match(/^\/scenes\/([^/]+)/)?.[1] ?? 'hall-1'
const root = document.getElementById('app')
if (root) createRoot(root).render(<mereon-scene src={`/scenes/${scene}`} view="overview" />)
