class Worse(BasePlugin):
	def a(self):
        return (
