namespace WhiteCross.Templates;

/// <summary>A template is not understood, or something that it needs is missing. The message names it and holds no value of a variable.</summary>
public sealed class TemplateException : Exception
{
    /// <summary>The variable that has no value; null where something else is wrong.</summary>
    public string? Variable { get; init; }

    /// <summary>Creates the exception.</summary>
    public TemplateException()
        : base("The template is not understood.")
    {
    }

    /// <summary>Creates the exception.</summary>
    /// <param name="message">What is wrong, and the way out.</param>
    public TemplateException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception.</summary>
    /// <param name="message">What is wrong, and the way out.</param>
    /// <param name="innerException">Why.</param>
    public TemplateException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
