// The window in which somebody signed in again has done its work.
window.close();
