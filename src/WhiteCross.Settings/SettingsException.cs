namespace WhiteCross.Settings;

/// <summary>A setting is wrong, so the service cannot start. The message names it and the way out, and holds no secret.</summary>
public sealed class SettingsException : InvalidOperationException
{
    /// <summary>Creates the exception.</summary>
    public SettingsException()
    {
    }

    /// <summary>Creates the exception.</summary>
    /// <param name="message">Which setting, what is wrong with it, and what is allowed.</param>
    public SettingsException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception.</summary>
    /// <param name="message">Which setting, what is wrong with it, and what is allowed.</param>
    /// <param name="innerException">What lies behind it.</param>
    public SettingsException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }
}
