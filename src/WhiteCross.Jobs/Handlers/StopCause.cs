namespace WhiteCross.Jobs;

/// <summary>Why a run's cancellation token fired.</summary>
public enum StopCause
{
    /// <summary>It did not.</summary>
    None,

    /// <summary>The attempt ran longer than the job's timeout.</summary>
    Timeout,

    /// <summary>Somebody cancelled the job.</summary>
    Cancelled,

    /// <summary>The process shuts down.</summary>
    Shutdown,

    /// <summary>The lease is lost: the job went on without this run.</summary>
    LeaseLost,

    /// <summary>The lease could not be renewed and may be over: the run stops before anybody else begins the job. Costs no attempt.</summary>
    LeaseOver,
}
