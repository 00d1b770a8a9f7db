namespace WhiteCross.MessageNotification;

/// <summary>What to do when nobody can tell whether a provider took what was being sent: the connection was lost, or the service died, in the middle.</summary>
internal enum OnUnknownOutcome
{
    /// <summary>The job fails and says so; retrying it by hand sends again. The recipient gets it at most once unless somebody decides otherwise.</summary>
    Fail,

    /// <summary>It is sent again, and the job's log says so. The recipient may get it twice.</summary>
    SendAgain,
}
