namespace WhiteCross.Settings;

/// <summary>Settings with rules that no attribute can state: between settings, or against files.</summary>
public interface ICheckedSettings
{
    /// <summary>A sentence for each rule that is broken. It names the setting in full and the way out, and holds no secret.</summary>
    /// <param name="section">The section that the settings are in, which names of settings begin with.</param>
    IEnumerable<string> Problems(string section);
}
