package desk

// What a tier may need that the gateway recognises by itself. Any other word is taken
// for said when it stands in the conversation.
const (
	NeedLogs        = "logs"        // a text file, a stack trace, or lines of a log
	NeedError       = "error"       // an error code or an exception
	NeedEnvironment = "environment" // a version, or the name or address of a computer
	NeedScreenshot  = "screenshot"  // a picture
	NeedTried       = "tried"       // what somebody of the desk did: a reply, a note, a document
)
