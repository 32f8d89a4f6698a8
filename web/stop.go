package web

// drain ends what would keep connections open for ever, so that clients go to another server: live scenes. GraphQL
// subscriptions end with their connections.
func (s *Service) drain() {
	if s.scenes != nil {
		_ = s.scenes.Close()
	}
}
